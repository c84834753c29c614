/** A request body becomes a plan: the model, what it is sent, its price. Pure; touches nothing. */
import * as z from "zod/mini";
import { urlProblem } from "../lib/addresses.ts";
import { describeIssues, fieldIssues, parse } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";
import { anyMarketModel } from "../models/any-market-model.ts";
import type { Model, WireInput } from "../models/model.ts";
import type { Deps } from "./ports.ts";
import type { Refusal } from "./refusal.ts";
import type { GenerationRow } from "./store.ts";
import { isUploadId, uploadIssues } from "./uploads.ts";
import type { NamedUploads } from "./uploads.ts";

const METADATA_CHARACTERS = 8_000;

/** What a generation is made from; all of it is inherited by a regenerate. */
const generationFields = {
  prompt: z.string().check(z.trim(), z.minLength(1, "must not be empty")),
  model: z.string().check(z.minLength(1)),
  aspectRatio: z.string().check(z.regex(/^\d{1,2}:\d{1,2}$/, 'must be a ratio such as "16:9"')),
  outputFormat: z.string().check(z.minLength(1)),
  images: z.array(z.string()).check(z.minLength(1), z.maxLength(16)),
  variants: z.int().check(z.minimum(1), z.maximum(6)),
  input: z.record(z.string(), z.unknown()),
  deadlineSeconds: z.int().check(z.minimum(10), z.maximum(3_600)),
};

const isSmall = (value: object): boolean => JSON.stringify(value).length <= METADATA_CHARACTERS;

const artworkFields = {
  title: z.nullable(z.string().check(z.maxLength(200))),
  metadata: z
    .record(z.string(), z.unknown())
    .check(z.refine(isSmall, "must be at most 8,000 characters of JSON")),
};

const InheritedFields = z.partial(z.strictObject(generationFields));
const RequestFields = z.partial(z.strictObject({ ...generationFields, ...artworkFields }));

/** A request body as it came: a JSON object, of which nothing else is known yet. */
export const RequestBody = z.record(z.string(), z.unknown());
export type RequestBody = z.infer<typeof RequestBody>;

export type GenerationRequest = z.infer<typeof InheritedFields>;
export interface Plan {
  readonly model: Model;
  readonly input: WireInput;
  readonly credits: number | null;
}

const refuseFields = (issues: readonly FieldIssue[]): Refusal => ({
  refused: "invalid_fields",
  message: describeIssues(issues),
  issues,
});

interface Read {
  readonly fields: z.infer<typeof RequestFields>;
  readonly issues: readonly FieldIssue[];
}

/** The fields of a body that are well formed, and what is wrong with the others. */
export function readFields(body: RequestBody): Read {
  const parsed = parse(RequestFields, body);
  if (parsed.success) return { fields: parsed.data, issues: [] };
  const issues = fieldIssues(parsed.error);
  const bad = new Set(issues.map((issue) => issue.path.split(".")[0]));
  const good = Object.fromEntries(Object.entries(body).filter(([name]) => !bad.has(name)));
  return { fields: RequestFields.parse(good), issues };
}

/** What is known of a request before its model is: bad fields, and the uploads that it names. */
interface Known {
  readonly issues: readonly FieldIssue[];
  readonly uploads: NamedUploads;
}

/**
 * Finds the model and maps the request to its wire fields; touches nothing. A refusal names every bad field
 * at once: those that no request may have and those that this model refuses.
 */
export function plan(deps: Deps, request: GenerationRequest, { issues, uploads }: Known): Plan | Refusal {
  const { images = [] } = request;
  const id = request.model ?? deps.settings.defaultModel;
  const model = findModel(deps, id);
  if (model === null) {
    const message = `names no model of this service (GET /api/models lists them): ${id.slice(0, 80)}`;
    const unknown = { path: "model", message, code: "unknown_model" };
    return refuseFields([...issues, ...uploadIssues(images, uploads, null), unknown]);
  }
  if (model.retiresAt !== null && deps.now() >= Date.parse(model.retiresAt)) return retired(model);
  const known = [...issues, ...uploadIssues(images, uploads, model.limits)];
  const { model: _model, deadlineSeconds: _deadlineSeconds, ...common } = request;
  const prepared = model.prepare(common, deps.settings.defaults, imageProblem(deps, images));
  const refused = prepared.ok ? [] : prepared.issues;
  const isNew = (issue: FieldIssue) => !known.some(({ path }) => path.split(".")[0] === issue.path);
  const all = [...known, ...refused.filter(isNew)];
  if (!prepared.ok || all.length > 0) return refuseFields(all);
  if (!deps.provider.isConfigured) {
    return { refused: "provider_not_configured", message: "No provider key is set: KIE_API_KEY is missing." };
  }
  return { model, input: prepared.input, credits: prepared.credits };
}

/** What is wrong with a URL. Ids of uploads among the images stand for URLs until the job is submitted. */
function imageProblem(deps: Deps, images: readonly string[]): (url: string) => string | null {
  const uploads = new Set(images.filter(isUploadId));
  return (url) => (uploads.has(url) ? null : urlProblem(url, deps.settings.allowPrivateUrls));
}

const findModel = ({ models, settings }: Deps, id: string): Model | null =>
  models.find((model) => model.id === id) ?? (settings.allowAnyModel ? anyMarketModel(id) : null);

const retired = ({ id, retiresAt, replacement }: Model): Refusal => ({
  refused: "model_retired",
  message: `${id} was retired on ${retiresAt?.slice(0, 10)}.${replacement === null ? "" : ` Use ${replacement} instead.`}`,
});

/**
 * The form in which requests are compared: the fields that a model maps are gone into what it sends upstream,
 * where every default is in place.
 */
export const wireForm = ({ model, input }: Plan, { deadlineSeconds }: GenerationRequest) => ({
  prompt: undefined,
  aspectRatio: undefined,
  outputFormat: undefined,
  images: undefined,
  variants: undefined,
  model: model.id,
  input,
  deadlineSeconds: deadlineSeconds ?? model.deadlineSeconds,
});

/** A request's own fields count only for its model: another model takes another `input`. */
export function inherit(last: GenerationRow, body: GenerationRequest): GenerationRequest {
  const before = InheritedFields.parse(last.request);
  const { input, ...others } = before;
  const changesModel = body.model !== undefined && body.model !== last.model;
  return { ...others, ...(changesModel || input === undefined ? {} : { input }), model: last.model, ...body };
}
