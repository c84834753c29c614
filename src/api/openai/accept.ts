/** A request of OpenAI's dialect becomes generations, each accepted once. */
import type { Repetition } from "../../domain/requests/idempotency.ts";
import { artworkUrls } from "../../domain/artworks/present.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import { findWithArtwork } from "../../domain/artworks/queries.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { artworkNotFound, isRefusal } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { requestGeneration } from "../../domain/requests/request.ts";
import { wakeLater, originOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { describeError } from "../../lib/log.ts";

export interface Accepted extends ArtworkWithGeneration {
  /** It was made by an equal request before. */
  readonly isRepeated: boolean;
}

/** All generations of one request; the first is always there. */
export type AcceptedAll = readonly [Accepted, ...Accepted[]];

export interface Asked {
  /** Names what is asked for: a key counts within it. */
  readonly route: string;
  readonly body: RequestBody;
  /** How many generations are wanted. */
  readonly count: number;
  readonly repetition: Repetition;
}

/**
 * Records so many generations. Each has a name of its own under the request's, so that a repetition joins them all,
 * whatever became of the first request between two of them. When the first is refused, nothing was written; when a
 * later one is, or breaks down, those that were recorded count: they will be paid for, and an error would invite to
 * ask for all of them again.
 */
export async function accept(c: AppContext, asked: Asked): Promise<AcceptedAll | Refusal> {
  const first = await acceptPart(c, asked, 0);
  if (isRefusal(first)) return first;
  const others = Array.from({ length: asked.count - 1 }, (_, index) => acceptPart(c, asked, index + 1));
  const settled = await Promise.allSettled(others);
  return [first, ...settled.flatMap((part) => recordedOf(c, part))];
}

/** A part that was recorded, or none; then it is logged why. */
function recordedOf(c: AppContext, part: PromiseSettledResult<Accepted | Refusal>): Accepted[] {
  const { log } = c.var.deps;
  if (part.status === "rejected") {
    log.error("openai.part_failed", describeError(part.reason));
    return [];
  }
  if (!isRefusal(part.value)) return [part.value];
  log.warn("openai.part_refused", { code: part.value.refused });
  return [];
}

async function acceptPart(c: AppContext, asked: Asked, part: number): Promise<Accepted | Refusal> {
  const { deps, caller } = c.var;
  const origin = originOf(c);
  const requested = await requestGeneration(deps, caller, {
    body: asked.body,
    origin,
    idempotency: {
      route: part === 0 ? asked.route : `${asked.route} ${part}`,
      beside: asked.count,
      ...asked.repetition,
      waitMs: 0,
      // A repetition waits like the first: what is remembered is for what.
      answer: async ({ artwork, generation }) => ({
        status: 202,
        location: artworkUrls(origin, artwork.id).status,
        body: generation.id,
      }),
    },
  });
  if (isRefusal(requested)) return requested;
  if ("replay" in requested) {
    const found = await findWithArtwork(deps, caller.owner, requested.replay.body);
    return found === null ? artworkNotFound : { ...found, isRepeated: true };
  }
  wakeLater(c, requested.artwork.id);
  return { ...requested, isRepeated: "isJoined" in requested };
}
