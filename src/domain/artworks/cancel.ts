/** What an owner does to end things: cancel a generation, delete an artwork. */
import { publishGeneration, publish } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { findArtwork } from "./queries.ts";
import type { ArtworkWithNewest } from "./queries.ts";
import { artworkNotFound } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import type { Caller } from "../requests/request.ts";
import { hideArtwork } from "./removal.ts";
import { isTerminal } from "../status.ts";
import { transition } from "../generations/transitions.ts";
import type { GenerationRow } from "../generations/transitions.ts";

export interface Canceled extends ArtworkWithNewest {
  /** Whether a job may have reached the upstream, which takes no cancellations and may bill it. */
  readonly mayBeBilled: boolean;
}

/** Whether this attempt, or one with another model before it, was sent. */
const hasReachedUpstream = ({ submittedAt, attempts }: GenerationRow): boolean =>
  submittedAt !== null || attempts.some(({ taskId }) => taskId !== null);

/** Ends the running generation of an artwork. Final: a result that comes later is noted but not stored. */
export async function cancelGeneration(
  deps: Deps,
  caller: Caller,
  artworkId: string,
): Promise<Canceled | Refusal> {
  const found = await findArtwork(deps, caller.owner, artworkId);
  if (found === null) return artworkNotFound;
  const { generation } = found;
  if (generation.status === "canceled") return { ...found, mayBeBilled: hasReachedUpstream(generation) };
  if (isTerminal(generation.status)) {
    return {
      refused: "not_cancelable",
      message: `This generation has already ended: it is ${generation.status}.`,
    };
  }
  const canceled = await transition(deps, generation, "canceled", {
    // Due once more: the actor removes what a copy under way may still bring.
    changes: { completedAt: deps.now(), polls: 0, dueAt: deps.now() },
    detail: { from: generation.status },
  });
  // It moved between our read and our write; what it is now decides.
  if (canceled === null) return await cancelGeneration(deps, caller, artworkId);
  await publishGeneration(deps, canceled);
  return { artwork: found.artwork, generation: canceled, mayBeBilled: hasReachedUpstream(canceled) };
}

/**
 * Deletes an artwork with its bytes, ending what runs. Hidden and without bytes when this resolves; its actor
 * removes the rows, and whatever a copy that was under way may still have written.
 */
export async function deleteArtwork(deps: Deps, caller: Caller, artworkId: string): Promise<Refusal | null> {
  const found = await findArtwork(deps, caller.owner, artworkId);
  if (found === null) return artworkNotFound;
  await cancelGeneration(deps, caller, artworkId);
  await hideArtwork(deps, found.artwork);
  await deps.mediaStore.remove(`artworks/${artworkId}/`);
  for (let number = 1; number <= found.artwork.latestNumber; number += 1) {
    // oxlint-disable-next-line no-await-in-loop -- few, and each is a key of the cache
    await publish(deps, { artworkId, owner: caller.owner, generationNumber: number, generation: null });
  }
  deps.log.info("artwork.deleted", { artworkId });
  return null;
}
