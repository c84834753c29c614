import { findArtwork } from "../../domain/artworks/queries.ts";
import { waitFor } from "../../domain/live/wait.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { storeFinalResponse } from "../../domain/requests/idempotency.ts";
import type { IdempotencyOptions, Repetition, Requested } from "../../domain/requests/idempotency.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { wakeLater } from "../../http/scope.ts";
import type { RequestScope } from "../../http/scope.ts";
import { describeError } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import { decodeResponse, encodeResponse } from "./stored-response.ts";
import type { StoredResponse } from "./stored-response.ts";

/** A request that spends, and how its dialect responds to it. */
export interface SpendingRequest {
  /** Operation within the caller's API; the scope of an `Idempotency-Key`. */
  readonly route: string;
  readonly repetition: Repetition;
  /** Seconds to wait for the end of the generation; null: respond immediately. */
  readonly wait: number | null;
  /** Records the request. */
  readonly record: (idempotency: IdempotencyOptions) => Promise<Requested>;
  /** Describes the artwork in its current state. */
  readonly respond: (made: ArtworkWithGeneration) => Promise<StoredResponse>;
}

/** The result of a request. `wait` is the number of seconds for which the response may have been held. */
export type AcceptResult =
  | {
      readonly kind: "recorded" | "joined";
      readonly response: StoredResponse;
      readonly wait: number | null;
    }
  | { readonly kind: "replayed"; readonly response: StoredResponse }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Accepts a request that spends, once for each `Idempotency-Key`. */
export async function acceptRequest(scope: RequestScope, request: SpendingRequest): Promise<AcceptResult> {
  const { route, repetition, wait, record, respond } = request;
  const immediate: { response: StoredResponse | null } = { response: null };
  const requested = await record({
    route,
    ...repetition,
    waitMs: (wait ?? 0) * SECOND,
    respond: async (made) => encodeResponse((immediate.response = await respond(made))),
  });
  switch (requested.kind) {
    case "refused":
      return requested;
    case "replayed":
      return { kind: "replayed", response: decodeResponse(requested.response) };
    case "joined":
      // The immediate response belongs to the attempt that was not recorded.
      return await answer(scope, request, requested, await respond(requested));
    case "recorded":
      return await answer(scope, request, requested, immediate.response ?? (await respond(requested)));
  }
}

type Made = Extract<Requested, { readonly kind: "recorded" | "joined" }>;

async function answer(
  scope: RequestScope,
  request: SpendingRequest,
  made: Made,
  immediate: StoredResponse,
): Promise<AcceptResult> {
  const { kind, artwork } = made;
  const { wait } = request;
  wakeLater(scope, artwork.id);
  if (wait === null) return { kind, response: immediate, wait };
  try {
    return { kind, response: await finalResponse(scope, request, made, wait), wait };
  } catch (error) {
    // The request is recorded and will be paid for: a failure to wait must not invite a repetition.
    scope.deps.log.error("wait.failed", { artworkId: artwork.id, ...describeError(error) });
    return { kind, response: immediate, wait };
  }
}

/** Waits for the end of the generation, at most for `wait` seconds, and stores the response for repetitions. */
async function finalResponse(
  { deps, caller: { owner } }: RequestScope,
  { route, repetition: { key }, respond }: SpendingRequest,
  { artwork, generation }: ArtworkWithGeneration,
  wait: number,
): Promise<StoredResponse> {
  const last = await waitFor(deps, generation, { until: "end", milliseconds: wait * SECOND });
  const current = await findArtwork(deps, artwork.owner, artwork.id);
  const response = await respond(current ?? { artwork, generation: last });
  if (key !== null) await storeFinalResponse(deps, { owner, route, key }, encodeResponse(response));
  return response;
}
