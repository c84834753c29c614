import * as z from "zod/mini";
import { urlProblem } from "../lib/addresses.ts";
import { describeIssues, fieldIssues, parse } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";
import { SECOND } from "../lib/time.ts";

import type { Model, WireInput } from "../models/model.ts";
import { announce } from "./announce.ts";
import { isPrivateOrigin } from "./pace.ts";
import type { Deps } from "./ports.ts";
import { findArtwork } from "./queries.ts";
import type { ArtworkWithNewest } from "./queries.ts";
import { artworkNotFound } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import { isTerminal } from "./state.ts";
import { draftStatements, insertNext } from "./store.ts";
import type { ArtworkRow, GenerationRow } from "./store.ts";
import { isUploadId, uploadIssues } from "./uploads.ts";

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
type RequestBody = z.infer<typeof RequestBody>;

type GenerationRequest = z.infer<typeof InheritedFields>;
export interface Caller {
  readonly owner: string;
}

interface Plan {
  readonly model: Model;
  readonly input: WireInput;
  readonly credits: number;
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
function readFields(body: RequestBody): Read {
  const parsed = parse(RequestFields, body);
  if (parsed.success) return { fields: parsed.data, issues: [] };
  const issues = fieldIssues(parsed.error);
  const bad = new Set(issues.map((issue) => issue.path.split(".")[0]));
  const good = Object.fromEntries(Object.entries(body).filter(([name]) => !bad.has(name)));
  return { fields: RequestFields.parse(good), issues };
}

/**
 * Finds the model and maps the request to its wire fields; touches nothing. A refusal names every bad field
 * at once: those that no request may have (`known`) and those that this model refuses.
 */
function plan(deps: Deps, request: GenerationRequest, known: readonly FieldIssue[]): Plan | Refusal {
  const id = request.model ?? deps.settings.defaultModel;
  const model = deps.models.find((candidate) => candidate.id === id);
  if (model === undefined) {
    const message = `names no model of this service (GET /api/models lists them): ${id.slice(0, 80)}`;
    return refuseFields([...known, { path: "model", message, code: "unknown_model" }]);
  }
  const { model: _model, deadlineSeconds: _deadlineSeconds, ...common } = request;
  // Uploads have been looked at before; their ids stand for URLs until the job is submitted.
  const uploads = new Set(request.images?.filter(isUploadId));
  const problemOf = (url: string) =>
    uploads.has(url) ? null : urlProblem(url, deps.settings.allowPrivateUrls);
  const prepared = model.prepare(common, deps.settings.defaults, problemOf);
  const refused = prepared.ok ? [] : prepared.issues;
  const isNew = (issue: FieldIssue) => !known.some(({ path }) => path.split(".")[0] === issue.path);
  const issues = [...known, ...refused.filter(isNew)];
  if (!prepared.ok || issues.length > 0) return refuseFields(issues);
  if (!deps.provider.isConfigured) {
    return { refused: "provider_not_configured", message: "No provider key is set: KIE_API_KEY is missing." };
  }
  return { model, input: prepared.input, credits: prepared.credits };
}

/** The origin that the upstream is told to call, or null when it could not reach it anyway. */
function callbackOrigin(deps: Deps, requestOrigin: string): string | null {
  const origin = deps.settings.webhookOrigin ?? requestOrigin;
  return isPrivateOrigin(origin) && !deps.settings.upstreamIsPrivate ? null : origin;
}

function newGeneration(
  deps: Deps,
  made: Plan & { request: GenerationRequest; origin: string },
  place: { artworkId: string; owner: string; number: number },
): {
  generation: GenerationRow;
  event: { id: string; type: string; at: number; data: Record<string, unknown> };
} {
  const now = deps.now();
  const id = deps.newId("gen");
  const eventId = deps.newId("evt");
  const seconds = made.request.deadlineSeconds ?? made.model.deadlineSeconds;
  const generation: GenerationRow = {
    ...place,
    id,
    status: "queued",
    model: made.model.id,
    kind: made.model.kind,
    protocol: made.model.protocol,
    request: made.request,
    input: made.input,
    callbackOrigin: callbackOrigin(deps, made.origin),
    callbackToken: deps.newToken(),
    callbackAt: null,
    taskId: null,
    providerKey: null,
    postponements: 0,
    looks: 0,
    progress: null,
    errorCode: null,
    errorMessage: null,
    creditsEstimated: made.credits,
    creditsUsed: null,
    createdAt: now,
    submittedAt: null,
    completedAt: null,
    deadlineAt: now + seconds * SECOND,
    storeUntil: null,
    dueAt: now,
    version: 1,
    lastEventId: eventId,
  };
  const data = { generationId: id, number: place.number, status: "queued", model: made.model.id };
  return { generation, event: { id: eventId, type: "artwork.queued", at: now, data } };
}

/**
 * Records a draft and its first generation in one batch of writes; the caller kicks the actor after it has
 * answered. A refusal has written nothing.
 */
export async function requestGeneration(
  deps: Deps,
  caller: Caller,
  asked: { body: RequestBody; origin: string },
): Promise<ArtworkWithNewest | Refusal> {
  const { fields, issues } = readFields(asked.body);
  const { title = null, metadata = {}, ...request } = fields;
  const ofUploads = await uploadIssues(deps, caller.owner, request.images);
  const planned = plan(deps, request, [...issues, ...ofUploads]);
  if ("refused" in planned) return planned;
  const artworkId = deps.newId("art");
  const place = { artworkId, owner: caller.owner, number: 1 };
  const { generation, event } = newGeneration(deps, { ...planned, request, origin: asked.origin }, place);
  const artwork: ArtworkRow = {
    id: artworkId,
    owner: caller.owner,
    status: "draft",
    title,
    metadata,
    model: generation.model,
    latestNumber: 1,
    shownNumber: null,
    createdAt: generation.createdAt,
    updatedAt: generation.createdAt,
    deletedAt: null,
  };
  await deps.db.batch(draftStatements(deps, { artwork, generation, event }));
  await announce(deps, generation);
  return { artwork, generation };
}

/** A request's own fields count only for its model: another model takes another `input`. */
function inherit(last: GenerationRow, body: GenerationRequest): GenerationRequest {
  const before = InheritedFields.parse(last.request);
  const { input, ...others } = before;
  const changesModel = body.model !== undefined && body.model !== last.model;
  return { ...others, ...(changesModel || input === undefined ? {} : { input }), model: last.model, ...body };
}

/** Records the next generation of an artwork, unless one is under way. */
export async function requestRegeneration(
  deps: Deps,
  caller: Caller,
  asked: { artworkId: string; body: RequestBody; origin: string },
): Promise<ArtworkWithNewest | Refusal> {
  const found = await findArtwork(deps, caller.owner, asked.artworkId);
  if (found === null) return artworkNotFound;
  const { fields, issues } = readFields(asked.body);
  const { title, metadata, ...body } = fields;
  const request = inherit(found.generation, body);
  const ofUploads = await uploadIssues(deps, caller.owner, request.images);
  const planned = plan(deps, request, [...issues, ...ofUploads]);
  if ("refused" in planned) return planned;
  if (!isTerminal(found.generation.status)) return inProgress(found.generation);
  const { artwork } = found;
  const place = { artworkId: artwork.id, owner: artwork.owner, number: artwork.latestNumber + 1 };
  const { generation, event } = newGeneration(deps, { ...planned, request, origin: asked.origin }, place);
  const changes = {
    ...(title === undefined ? {} : { title }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  if (!(await insertNext(deps, generation, { event, artwork: changes }))) return inProgress(generation);
  await announce(deps, generation);
  const { number: latestNumber, model, createdAt: updatedAt } = generation;
  return { artwork: { ...artwork, ...changes, latestNumber, model, updatedAt }, generation };
}

const inProgress = (generation: GenerationRow): Refusal => ({
  refused: "generation_in_progress",
  message: `Generation ${generation.number} of this artwork is still under way. Wait for it or cancel it first.`,
});
