/** One request becomes several generations, each accepted once. */
import type { Repetition } from "../../domain/requests/idempotency.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import { findWithArtwork } from "../../domain/artworks/queries.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { artworkNotFound, isRefusal } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { requestGeneration } from "../../domain/requests/request.ts";
import { wakeLater } from "../../http/scope.ts";
import type { RequestScope } from "../../http/scope.ts";
import { describeError } from "../../lib/log.ts";

export interface Accepted extends ArtworkWithGeneration {
  /** An equal request recorded the generation before. */
  readonly isRepeated: boolean;
}

/** All generations of one request, at least one. */
export type AcceptedAll = readonly [Accepted, ...Accepted[]];

export interface GenerationsRequest {
  /** Operation within the caller's API; the scope of an `Idempotency-Key`. */
  readonly route: string;
  readonly body: RequestBody;
  /** Number of generations. */
  readonly count: number;
  readonly repetition: Repetition;
}

/**
 * Records `count` generations. Each has a route of its own below the request's, so that a repetition joins all of them
 * even when the first request stopped between two. A refusal of the first means that nothing was written. When a later
 * one is refused or fails, the recorded ones count: they will be paid for, and an error would invite a repetition of all.
 */
export async function acceptAll(
  scope: RequestScope,
  request: GenerationsRequest,
): Promise<AcceptedAll | Refusal> {
  const first = await acceptPart(scope, request, 0);
  if (isRefusal(first)) return first;
  const others = Array.from({ length: request.count - 1 }, (_, index) =>
    acceptPart(scope, request, index + 1),
  );
  const settled = await Promise.allSettled(others);
  return [first, ...settled.flatMap((part) => recordedOf(scope, part))];
}

/** The recorded part, or none with the reason in the log. */
function recordedOf(
  { deps: { log } }: RequestScope,
  part: PromiseSettledResult<Accepted | Refusal>,
): Accepted[] {
  if (part.status === "rejected") {
    log.error("request.part_failed", describeError(part.reason));
    return [];
  }
  if (!isRefusal(part.value)) return [part.value];
  log.warn("request.part_refused", { code: part.value.refused });
  return [];
}

async function acceptPart(
  scope: RequestScope,
  { route, body, count, repetition }: GenerationsRequest,
  part: number,
): Promise<Accepted | Refusal> {
  const { deps, caller, links } = scope;
  const requested = await requestGeneration(deps, caller, {
    body,
    origin: links.origin,
    idempotency: {
      route: part === 0 ? route : `${route} ${part}`,
      beside: count,
      ...repetition,
      waitMs: 0,
      // A repetition waits like the first request, so the id is enough.
      respond: async ({ generation }) => generation.id,
    },
  });
  switch (requested.kind) {
    case "refused":
      return requested.refusal;
    case "replayed": {
      const found = await findWithArtwork(deps, caller.owner, requested.response);
      return found === null ? artworkNotFound : { ...found, isRepeated: true };
    }
    case "joined":
    case "recorded": {
      const { kind, artwork, generation } = requested;
      wakeLater(scope, artwork.id);
      return { artwork, generation, isRepeated: kind === "joined" };
    }
  }
}
