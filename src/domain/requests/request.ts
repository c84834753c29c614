import { sql } from "drizzle-orm";
import type { FieldIssue } from "../../lib/issues.ts";
import { SECOND } from "../../lib/time.ts";
import { publishGeneration } from "../generations/publish.ts";
import { idempotentRequestOf, recordOnce, refused, rememberStatements } from "./idempotency.ts";
import type { IdempotencyOptions, IdempotentRequest, Requested } from "./idempotency.ts";
import { providerOutage } from "../start-slots/credential-health.ts";
import { isPrivateOrigin } from "../../lib/addresses.ts";
import { admit } from "./admit.ts";
import type { Plan } from "./admit.ts";
import { clearedNames, inherit } from "./inherit.ts";
import { fallbackIssues, fieldIssuesOf, planRequest, wireForm } from "./plan.ts";
import type { RequestPlan } from "./plan.ts";
import { insertDraft, insertNext } from "../generations/inserts.ts";
import type { FirstEvent } from "../generations/inserts.ts";
import { readFields } from "./fields.ts";
import type { GenerationRequest } from "./fields.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import type { Caller } from "../caller.ts";
import type { Deps } from "../deps.ts";
import { findArtwork } from "../artworks/queries.ts";
import type { ArtworkWithGeneration, ArtworkRow, GenerationRow } from "../rows.ts";
import { artworkNotFound, isRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { isTerminal } from "../status.ts";
import { imagesOf, unknownUploads, useNamedUploads } from "../uploads/uploads.ts";
import type { NamedUploads } from "../uploads/uploads.ts";

interface GenerationInput {
  readonly body: RequestBody;
  /** Origin under which this API was reached. */
  readonly origin: string;
  /** How to treat repetitions; without it every request is new. */
  readonly idempotency?: IdempotencyOptions;
}

/** The origin at which the provider calls back; null when it cannot reach this service. */
function callbackOrigin(deps: Deps, requestOrigin: string): string | null {
  const origin = deps.settings.webhookOrigin ?? requestOrigin;
  return isPrivateOrigin(origin) && !deps.settings.providerIsPrivate ? null : origin;
}

function newGeneration(
  deps: Deps,
  made: Plan & { request: GenerationRequest; origin: string; idempotent: IdempotentRequest | null },
  place: { artworkId: string; owner: string; number: number },
): { generation: GenerationRow; event: FirstEvent } {
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
    // By its name, so that a regenerate asks for the same model although the default or a fallback was another.
    request: { ...made.request, model: made.model.id },
    input: { ...made.input },
    attempt: 1,
    fallbacks: made.fallbacks,
    optimization: made.optimization,
    attempts: [],
    origin: made.origin,
    webhookUrl: made.request.webhookUrl ?? null,
    callbackOrigin: callbackOrigin(deps, made.origin),
    callbackToken: deps.newToken(),
    callbackAt: null,
    operation: null,
    credentialId: null,
    postponements: 0,
    polls: 0,
    inputTries: 0,
    outcomeNotedAt: null,
    cleanedAt: null,
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
    expiresAt: null,
    expiredAt: null,
    dueAt: now,
    version: 1,
    lastEventId: eventId,
    fingerprint: made.idempotent?.fingerprint ?? null,
  };
  const data = { generationId: id, number: place.number, status: "queued", model: made.model.id };
  return { generation, event: { id: eventId, type: "artwork.queued", at: now, data } };
}

/** For the fingerprint by name: uploads count by their ids, not by their content. */
const NO_FILES: NamedUploads = new Map();

/**
 * Records a draft and its first generation in one batch of writes; the caller wakes the actor after it has
 * answered. A refusal has written nothing. A request that is refused today is still recognised as the repetition of one that
 * was accepted.
 */
export async function requestGeneration(
  deps: Deps,
  caller: Caller,
  input: GenerationInput,
): Promise<Requested> {
  const { fields, uploads, planned, admitted } = await planDraft(deps, caller, input.body);
  const { title, metadata, request } = fields;
  const meant = meaningOf(planned, admitted);
  if (isRefusal(meant)) return refused(meant);
  const described = (files: NamedUploads) => ({ ...wireForm(meant, request, files), title, metadata });
  const byName = described(NO_FILES);
  const body = uploads.size === 0 ? byName : described(uploads);
  const idempotent = await idempotentRequestOf(input.idempotency, caller.owner, body, byName);
  const draft = { request, title, metadata, owner: caller.owner, origin: input.origin, idempotent };
  return await recordOnce(deps, idempotent, async () =>
    isRefusal(admitted) ? admitted : await recordDraft(deps, { ...admitted, ...draft }),
  );
}

/** The model and wire input that identify a request, or the refusal of one whose fields no day would accept. */
function meaningOf(planned: RequestPlan, admitted: Plan | Refusal): Pick<Plan, "model" | "input"> | Refusal {
  if (!isRefusal(admitted)) return admitted;
  if (planned.kind === "unknown_model" || !planned.prepared.ok) return admitted;
  const issues = [...fieldIssuesOf(planned), ...fallbackIssues(planned.fallbacks)];
  return issues.length > 0 ? admitted : { model: planned.model, input: planned.prepared.input };
}

async function planDraft(deps: Deps, { owner }: Caller, body: RequestBody) {
  const { fields, issues } = readFields(deps, body);
  const { title = null, metadata = {}, ...request } = fields;
  const planned = await planWithUploads(deps, owner, request, issues);
  return { fields: { title, metadata, request }, ...planned };
}

/** A plan with the uploads that the request names, which count as used from now on, and whether it may run today. */
async function planWithUploads(
  deps: Deps,
  owner: string,
  request: GenerationRequest,
  issues: readonly FieldIssue[],
): Promise<{
  readonly uploads: NamedUploads;
  readonly planned: RequestPlan;
  readonly admitted: Plan | Refusal;
}> {
  const images = imagesOf(request);
  const uploads = await useNamedUploads(deps, owner, images);
  const planned = planRequest(deps, request, issues, uploads);
  const admitted = admit(deps, planned, request, unknownUploads(images, uploads));
  return { uploads, planned, admitted };
}

/** The body of a request that follows from something else. */
export interface Derived {
  readonly body: RequestBody;
}

/** Like `requestGeneration`, for a body made of what is on record. `derive` is called only for a request that is no repetition. */
export async function requestDerived(
  deps: Deps,
  caller: Caller,
  input: Pick<GenerationInput, "origin" | "idempotency"> & {
    /** Identifies the request among others. */
    readonly compared: unknown;
    readonly derive: () => Promise<Derived | Refusal>;
  },
): Promise<Requested> {
  const { origin } = input;
  const idempotent = await idempotentRequestOf(input.idempotency, caller.owner, input.compared);
  return await recordOnce(deps, idempotent, async () => {
    const derived = await input.derive();
    if (isRefusal(derived)) return derived;
    const { fields, admitted } = await planDraft(deps, caller, derived.body);
    if (isRefusal(admitted)) return admitted;
    return await recordDraft(deps, { ...admitted, ...fields, owner: caller.owner, origin, idempotent });
  });
}

type Draft = Plan &
  Pick<ArtworkRow, "title" | "metadata" | "owner"> & {
    readonly request: GenerationRequest;
    readonly origin: string;
    readonly idempotent: IdempotentRequest | null;
  };

const protocolsOf = ({ model, fallbacks }: Plan): string[] => [
  model.protocol,
  ...fallbacks.map(({ protocol }) => protocol),
];

async function recordDraft(deps: Deps, draft: Draft): Promise<ArtworkWithGeneration | Refusal> {
  const outage = await providerOutage(deps, protocolsOf(draft));
  if (outage !== null) return outage;
  const artworkId = deps.newId("art");
  const { owner, title, metadata } = draft;
  const { generation, event } = newGeneration(deps, draft, { artworkId, owner, number: 1 });
  const artwork: ArtworkRow = {
    id: artworkId,
    owner,
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
  const made = { artwork, generation };
  const remember = await rememberStatements(deps, draft.idempotent, made);
  await publishGeneration(deps, await insertDraft(deps, { ...made, event }, remember(sql`true`)));
  return made;
}

/** Records the next generation of an artwork, unless one is under way. */
export async function requestRegeneration(
  deps: Deps,
  caller: Caller,
  input: GenerationInput & { readonly artworkId: string },
): Promise<Requested> {
  const cleared = clearedNames(input.body);
  const given = Object.entries(input.body).filter(([name]) => !cleared.includes(name));
  const { fields, issues } = readFields(deps, Object.fromEntries(given));
  // Compared as it was asked: what it inherits is another thing once it has been made.
  const idempotency = issues.length === 0 ? input.idempotency : undefined;
  const idempotent = await idempotentRequestOf(idempotency, caller.owner, { ...fields, cleared });
  return await recordOnce(deps, idempotent, async () => {
    const found = await findArtwork(deps, caller.owner, input.artworkId);
    if (found === null) return artworkNotFound;
    const { title, metadata, ...body } = fields;
    const request = inherit(deps, found.generation, { body, cleared });
    const { admitted } = await planWithUploads(deps, caller.owner, request, issues);
    if (isRefusal(admitted)) return admitted;
    const changes = {
      ...(title === undefined ? {} : { title }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    return await recordNext(deps, { ...admitted, request, origin: input.origin, idempotent, found, changes });
  });
}

interface Next extends Plan {
  readonly request: GenerationRequest;
  readonly origin: string;
  readonly idempotent: IdempotentRequest | null;
  readonly found: ArtworkWithGeneration;
  readonly changes: Partial<Pick<ArtworkRow, "title" | "metadata">>;
}

async function recordNext(deps: Deps, next: Next): Promise<ArtworkWithGeneration | Refusal> {
  const { artwork, generation: last } = next.found;
  if (!isTerminal(last.status)) return inProgress(last);
  const outage = await providerOutage(deps, protocolsOf(next));
  if (outage !== null) return outage;
  const place = { artworkId: artwork.id, owner: artwork.owner, number: artwork.latestNumber + 1 };
  const { generation, event } = newGeneration(deps, next, place);
  const { number: latestNumber, model, createdAt: updatedAt } = generation;
  const status = artwork.shownNumber === null ? "draft" : artwork.status;
  const made = {
    artwork: { ...artwork, ...next.changes, status, latestNumber, model, updatedAt },
    generation,
  };
  const also = await rememberStatements(deps, next.idempotent, made);
  const inserted = await insertNext(deps, generation, { event, artwork: next.changes, also });
  if (inserted === null) return inProgress(generation);
  await publishGeneration(deps, inserted);
  return made;
}

const inProgress = (generation: GenerationRow): Refusal => ({
  refused: "generation_in_progress",
  message: `Generation ${generation.number} of this artwork is still under way. Wait for it or cancel it first.`,
});
