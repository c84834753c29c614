/** A request body becomes a plan: the model, what it is sent, its price. Pure; touches nothing. */
import type { GenerationRequest } from "./fields.ts";
import { urlProblem } from "../../lib/addresses.ts";
import { describeIssues } from "../../lib/issues.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import type { Fallback, PromptOptimization } from "../../db/schema.ts";
import { COMMON_FIELDS } from "../../models/common-fields.ts";
import { findModel } from "../../models/find-model.ts";
import { isRetired, promptOf } from "../../models/model.ts";
import type { Model, Prepared, WireInput } from "../../models/model.ts";
import type { Deps } from "../deps.ts";
import { refuseFields } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { isUploadId, imagesOf, replaceUploads, unfitUploads } from "../uploads/uploads.ts";
import type { NamedUploads } from "../uploads/uploads.ts";

export interface Plan {
  readonly model: Model;
  readonly input: WireInput;
  readonly credits: number | null;
  /** What is to be made when the model fails in a way that another may survive. */
  readonly fallbacks: readonly Fallback[];
  /** Null where nobody wants the prompt rewritten, or there is none. */
  readonly optimization: PromptOptimization | null;
}

/**
 * Finds the model and maps the request to its wire fields; touches nothing. A refusal names every bad field
 * at once: those that no request may have (`malformed`) and those that this model refuses.
 */
export function plan(
  deps: Deps,
  request: GenerationRequest,
  malformed: readonly FieldIssue[],
  uploads: NamedUploads,
): Plan | Refusal {
  const known = [...malformed, ...webhookIssues(deps, request)];
  const id = request.model ?? deps.settings.defaultModel;
  const model = findModel(deps, id);
  if (model === null) {
    const message = `names no model of this service (GET /api/models lists them): ${id.slice(0, 80)}`;
    return refuseFields([
      ...known,
      { path: "model", message, code: "unknown_model" },
      ...unknownFallbacks(deps, request),
    ]);
  }
  if (isRetired(model, deps.now())) return retired(model);
  const prepared = prepareFor(deps, model, request, uploads);
  const refused = prepared.ok ? [] : prepared.issues;
  // An unknown field may have any name; what is known of it says nothing of another one.
  const isNew = (issue: FieldIssue) =>
    !known.some(({ path, code }) => code !== "unknown_field" && path.split(".")[0] === issue.path);
  const planned = planFallbacks(deps, model, request, uploads);
  const issues = [
    ...known,
    ...refused.filter(isNew),
    ...planned.issues,
    ...optimizationIssues(deps, request),
  ];
  if (!prepared.ok || issues.length > 0) return refuseFields(issues);
  const missing = deps.provider.upstream(model.protocol).problem;
  if (missing !== null) return { refused: "provider_not_configured", message: missing };
  const { input, credits } = prepared;
  const optimization = planOptimization(deps, request, promptOf(model, input));
  return { model, input, credits, fallbacks: planned.fallbacks, optimization };
}

/** What can be said of fallbacks while nobody knows for which model they stand by. */
const unknownFallbacks = (deps: Deps, { fallbackModels = [] }: GenerationRequest): FieldIssue[] =>
  fallbackModels.flatMap((id, index) => (findModel(deps, id) === null ? [unknownFallback(index)] : []));

const unknownFallback = (index: number): FieldIssue => ({
  path: `fallbackModels.${index}`,
  message: "names no model of this service",
  code: "unknown_model",
});

/** Who asks for it is told before anything is paid that it cannot be done here. */
function optimizationIssues({ optimizer }: Deps, { optimizePrompt }: GenerationRequest): FieldIssue[] {
  if (optimizePrompt !== true || optimizer.problem === null) return [];
  const message = `cannot be done here. ${optimizer.problem}`;
  return [{ path: "optimizePrompt", message, code: "optimizer_not_configured" }];
}

// An operator who wants it everywhere and has set no server makes pictures from the original, which say so. What is to
// be done to a picture is rewritten on demand alone: who rewrites it sees no picture, and would invent one.
function planOptimization(
  { optimizer, settings }: Deps,
  { optimizePrompt, ...request }: GenerationRequest,
  original: string | null,
): PromptOptimization | null {
  const isWanted = optimizePrompt ?? (settings.optimizesPrompts && imagesOf(request).length === 0);
  if (!isWanted || original === null) return null;
  const { problem: message } = optimizer;
  return { status: message === null ? "pending" : "unavailable", message, original, prompt: null };
}

/** Checked again when it is inherited: what was fine in development may not be any more. */
function webhookIssues({ settings }: Deps, { webhookUrl }: GenerationRequest): FieldIssue[] {
  const message = webhookUrl === undefined ? null : urlProblem(webhookUrl, settings.allowPrivateUrls);
  return message === null ? [] : [{ path: "webhookUrl", message, code: "invalid_url" }];
}

/** What a model makes of a request. Ids of uploads among its images stand for URLs until the job is submitted. */
function prepareFor(deps: Deps, model: Model, request: GenerationRequest, uploads: NamedUploads): Prepared {
  const {
    model: _model,
    deadlineSeconds: _seconds,
    fallbackModels: _fallbacks,
    webhookUrl: _url,
    ...common
  } = request;
  const pictures = imagesOf(common);
  const ids = new Set(pictures.map(({ image }) => image).filter(isUploadId));
  const problemOf = (url: string) => (ids.has(url) ? null : urlProblem(url, deps.settings.allowPrivateUrls));
  const prepared = model.prepare(common, deps.settings.defaults, problemOf);
  const unfit = unfitUploads(pictures, uploads, model.pictures);
  if (unfit.length === 0) return prepared;
  return { ok: false, issues: [...unfit, ...(prepared.ok ? [] : prepared.issues)] };
}

interface PlannedFallbacks {
  readonly fallbacks: readonly Fallback[];
  readonly issues: readonly FieldIssue[];
}

/**
 * Prepares every fallback now, so that one which cannot take the request is refused before anything is paid. Those that
 * are retired are skipped. The request's own `input` goes to models of the same family alone.
 */
function planFallbacks(
  deps: Deps,
  primary: Model,
  request: GenerationRequest,
  uploads: NamedUploads,
): PlannedFallbacks {
  const planned = (request.fallbackModels ?? []).map((id, index): PlannedFallbacks => {
    const path = `fallbackModels.${index}`;
    const model = findModel(deps, id);
    if (model === null) return { fallbacks: [], issues: [unknownFallback(index)] };
    if (isRetired(model, deps.now())) return { fallbacks: [], issues: [] };
    if (model.kind !== primary.kind) {
      return refusedFallback(path, `makes another kind than ${primary.id}`, "other_kind");
    }
    const missing = deps.provider.upstream(model.protocol).problem;
    if (missing !== null) {
      return refusedFallback(path, `cannot be made here. ${missing}`, "provider_not_configured");
    }
    const { input, ...common } = request;
    const isRelated = model.family === primary.family && input !== undefined;
    const prepared = prepareFor(deps, model, isRelated ? request : common, uploads);
    if (!prepared.ok) {
      return refusedFallback(path, `cannot take this request: ${describeIssues(prepared.issues)}`, "unfit");
    }
    const { input: sent, credits } = prepared;
    return { fallbacks: [{ model: model.id, protocol: model.protocol, input: sent, credits }], issues: [] };
  });
  return {
    fallbacks: planned.flatMap((one) => one.fallbacks),
    issues: planned.flatMap((one) => one.issues),
  };
}

const refusedFallback = (path: string, message: string, code: string): PlannedFallbacks => ({
  fallbacks: [],
  issues: [{ path, message, code }],
});

const retired = ({ id, retiresAt, replacement }: Model): Refusal => ({
  refused: "model_retired",
  message: `${id} was retired on ${retiresAt?.slice(0, 10)}.${replacement === null ? "" : ` Use ${replacement} instead.`}`,
});

/**
 * The form in which requests are compared: the fields that a model maps are gone into what it sends upstream,
 * where every default is in place. Uploads among `files` count by what is in them, all others by their ids.
 */
export const wireForm = ({ model, input }: Plan, request: GenerationRequest, files: NamedUploads) => ({
  ...Object.fromEntries(Object.entries(request).filter(([name]) => !COMMON_NAMES.includes(name))),
  model: model.id,
  input: replaceUploads(input, new Map([...files].map(([id, { sha256 }]) => [id, sha256]))),
  deadlineSeconds: request.deadlineSeconds ?? model.deadlineSeconds,
});

const COMMON_NAMES: readonly string[] = COMMON_FIELDS;
