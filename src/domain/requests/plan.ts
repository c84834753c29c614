/**
 * The meaning of a request: the model, the wire input, the fallbacks. Pure: no clock, no I/O, independent of what is
 * configured today. Whether the plan may run today is the question of `admit.ts`.
 */
import type { Fallback } from "../../db/schema.ts";
import { urlProblem } from "../../lib/addresses.ts";
import { describeIssues } from "../../lib/issues.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import { COMMON_FIELDS } from "../../models/common-fields.ts";
import { findModel } from "../../models/find-model.ts";
import type { Model, Prepared, WireInput } from "../../models/model.ts";
import type { Deps } from "../deps.ts";
import { imagesOf, isUploadId, replaceUploads, unfitUploads } from "../uploads/uploads.ts";
import type { NamedUploads } from "../uploads/uploads.ts";
import type { GenerationRequest } from "./fields.ts";

/** The rules that a plan depends on besides the request. */
export type PlanRules = Pick<Deps, "models" | "settings">;

/** A fallback of the request: ready, or why this model cannot stand by. */
export type PlannedFallback = { readonly path: string; readonly id: string } & (
  | { readonly kind: "ready"; readonly model: Model; readonly fallback: Omit<Fallback, "credits"> }
  | { readonly kind: "refused"; readonly model: Model | null; readonly issue: FieldIssue }
);

/** `malformed` and `urls` are issues that no model could take; `prepared` is what this model makes of the request. */
export type RequestPlan =
  | {
      readonly kind: "unknown_model";
      readonly id: string;
      readonly malformed: readonly FieldIssue[];
      readonly urls: readonly FieldIssue[];
      readonly fallbacks: readonly PlannedFallback[];
    }
  | {
      readonly kind: "planned";
      readonly model: Model;
      readonly prepared: Prepared;
      readonly malformed: readonly FieldIssue[];
      readonly urls: readonly FieldIssue[];
      readonly fallbacks: readonly PlannedFallback[];
    };

/** Finds the model and maps the request to its wire fields. Finds every model that any configuration could offer. */
export function planRequest(
  rules: PlanRules,
  request: GenerationRequest,
  malformed: readonly FieldIssue[],
  uploads: NamedUploads,
): RequestPlan {
  const urls = webhookIssues(rules, request);
  const id = request.model ?? rules.settings.defaultModel;
  const model = findAnyModel(rules, id);
  if (model === null) {
    const fallbacks = (request.fallbackModels ?? []).flatMap((name, index) =>
      findAnyModel(rules, name) === null ? [unknownFallback(name, index)] : [],
    );
    return { kind: "unknown_model", id, malformed, urls, fallbacks };
  }
  const prepared = prepareFor(rules, model, request, uploads);
  const fallbacks = (request.fallbackModels ?? []).map((name, index) =>
    planFallback(rules, { primary: model, request, uploads }, name, index),
  );
  return { kind: "planned", model, prepared, malformed, urls, fallbacks };
}

/**
 * Everything that is wrong with the fields themselves, each field once. `more` are issues that were found elsewhere. What is
 * known of an unknown field says nothing about another field of that name.
 */
export function fieldIssuesOf(planned: RequestPlan, more: readonly FieldIssue[] = []): FieldIssue[] {
  const known = knownIssues(planned, more);
  if (planned.kind === "unknown_model") return [...known, unknownModel(planned.id)];
  const isNew = (issue: FieldIssue) =>
    !known.some(({ path, code }) => code !== "unknown_field" && path.split(".")[0] === issue.path);
  return [...known, ...(planned.prepared.ok ? [] : planned.prepared.issues.filter(isNew))];
}

/** The issues that no model could take, in the order of their finding: fields, uploads (`more`), URLs. */
export const knownIssues = (planned: RequestPlan, more: readonly FieldIssue[]): FieldIssue[] => [
  ...planned.malformed,
  ...more,
  ...planned.urls,
];

/** The issues of these fallbacks. */
export const fallbackIssues = (fallbacks: readonly PlannedFallback[]): FieldIssue[] =>
  fallbacks.flatMap((fallback) => (fallback.kind === "refused" ? [fallback.issue] : []));

/** The issue of a model that is not known, or not offered here. */
export const unknownModel = (id: string): FieldIssue => ({
  path: "model",
  message: `is not a known model (GET /api/models lists them): ${id.slice(0, 80)}`,
  code: "unknown_model",
});

/** The refusal of a fallback that is not known, or not offered here. */
export const unknownFallback = (id: string, index: number): PlannedFallback => ({
  kind: "refused",
  id,
  path: `fallbackModels.${index}`,
  model: null,
  issue: { path: `fallbackModels.${index}`, message: "is not a known model", code: "unknown_model" },
});

const findAnyModel = ({ models, settings }: PlanRules, name: string): Model | null =>
  findModel({ models, settings: { ...settings, allowAnyModel: true } }, name);

/** Checked again when the URL is inherited: development allows URLs that production refuses. */
function webhookIssues({ settings }: PlanRules, { webhookUrl }: GenerationRequest): FieldIssue[] {
  const message = webhookUrl === undefined ? null : urlProblem(webhookUrl, settings.allowPrivateUrls);
  return message === null ? [] : [{ path: "webhookUrl", message, code: "invalid_url" }];
}

/** Prepares a request for a model. Ids of uploads stand for their URLs until the job is submitted. */
function prepareFor(
  { settings }: PlanRules,
  model: Model,
  request: GenerationRequest,
  uploads: NamedUploads,
): Prepared {
  const {
    model: _model,
    deadlineSeconds: _seconds,
    fallbackModels: _fallbacks,
    webhookUrl: _url,
    ...common
  } = request;
  const images = imagesOf(common);
  const ids = new Set(images.map(({ image }) => image).filter(isUploadId));
  const problemOf = (url: string) => (ids.has(url) ? null : urlProblem(url, settings.allowPrivateUrls));
  const prepared = model.prepare(common, settings.defaults, problemOf);
  const unfit = unfitUploads(images, uploads, model.imageRule);
  if (unfit.length === 0) return prepared;
  return { ok: false, issues: [...unfit, ...(prepared.ok ? [] : prepared.issues)] };
}

interface Primary {
  readonly primary: Model;
  readonly request: GenerationRequest;
  readonly uploads: NamedUploads;
}

/**
 * Prepares a fallback in advance, so that a model which cannot take the request is refused before anything is paid. The
 * request's own `input` goes to models of the same family only.
 */
function planFallback(
  rules: PlanRules,
  { primary, request, uploads }: Primary,
  id: string,
  index: number,
): PlannedFallback {
  const path = `fallbackModels.${index}`;
  const model = findAnyModel(rules, id);
  if (model === null) return unknownFallback(id, index);
  const refuse = (message: string, code: string): PlannedFallback => ({
    kind: "refused",
    path,
    id,
    model,
    issue: { path, message, code },
  });
  if (model.kind !== primary.kind) return refuse(`makes another kind than ${primary.id}`, "other_kind");
  const { input, ...common } = request;
  const isRelated = model.family === primary.family && input !== undefined;
  const prepared = prepareFor(rules, model, isRelated ? request : common, uploads);
  if (!prepared.ok) {
    return refuse(`cannot take this request: ${describeIssues(prepared.issues)}`, "unfit");
  }
  const fallback = {
    model: model.id,
    protocol: model.protocol,
    input: prepared.input,
  };
  return { kind: "ready", path, id, model, fallback };
}

/**
 * The form in which requests are compared: the wire input with every default stands for the fields that the model maps.
 * Uploads among `files` count by their content, all others by their ids.
 */
export const wireForm = (
  { model, input }: { readonly model: Model; readonly input: WireInput },
  request: GenerationRequest,
  files: NamedUploads,
) => ({
  ...Object.fromEntries(Object.entries(request).filter(([name]) => !COMMON_NAMES.includes(name))),
  model: model.id,
  input: replaceUploads(input, new Map([...files].map(([id, { sha256 }]) => [id, sha256]))),
  deadlineSeconds: request.deadlineSeconds ?? model.deadlineSeconds,
});

const COMMON_NAMES: readonly string[] = COMMON_FIELDS;
