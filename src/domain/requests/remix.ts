import { findVideo, notCompleted, videoNotFound } from "../artworks/videos.ts";
import type { Caller } from "../caller.ts";
import type { Deps } from "../deps.ts";
import type { Refusal } from "../refusal.ts";
import type { ArtworkWithGeneration } from "../rows.ts";
import type { IdempotencyOptions, Requested } from "./idempotency.ts";
import { inherit } from "./inherit.ts";
import { requestDerived } from "./request.ts";
import type { Derived } from "./request.ts";

interface Remix {
  readonly artworkId: string;
  readonly prompt: string;
  /** The new artwork's metadata. */
  readonly metadata: (source: ArtworkWithGeneration) => Record<string, unknown>;
  readonly origin: string;
  readonly idempotency: IdempotencyOptions;
}

/**
 * Records a new artwork with the settings of a completed video and a prompt of its own. The provider takes no videos as
 * input, so the result resembles the source as far as the settings do. Repetitions are compared by the request alone: the
 * source may have changed, or be deleted, by then.
 */
export const requestRemix = (deps: Deps, caller: Caller, remix: Remix): Promise<Requested> =>
  requestDerived(deps, caller, {
    compared: { prompt: remix.prompt },
    derive: () => deriveRemix(deps, caller, remix),
    origin: remix.origin,
    idempotency: remix.idempotency,
  });

async function deriveRemix(deps: Deps, caller: Caller, remix: Remix): Promise<Derived | Refusal> {
  const source = await findVideo(deps, caller.owner, remix.artworkId);
  if (source === null) return videoNotFound;
  const refusal = notCompleted(source.generation);
  if (refusal !== null) return refusal;
  const request = inherit(deps, source.generation, { body: { prompt: remix.prompt }, cleared: [] });
  return { body: { ...request, metadata: remix.metadata(source) } };
}
