import type { Caller } from "../caller.ts";
import type { Deps } from "../deps.ts";
import { publish } from "../generations/publish.ts";
import { artworkNotFound } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { cancelGeneration } from "./cancel.ts";
import { findArtwork } from "./queries.ts";
import { hideArtwork } from "./removal.ts";

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
