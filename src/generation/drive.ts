/** What an artwork's actor does when it wakes: every step that is due, then the time to wake again. */
import { advance } from "./lifecycle.ts";
import type { Deps } from "./ports.ts";
import { openGenerations } from "./queries.ts";
import { removeArtwork } from "./removal.ts";

/** A generation takes five steps when all goes well. More at one waking would mean a loop; it goes on at the next. */
const STEPS_PER_WAKING = 20;
const PAUSE_AFTER_TOO_MANY = 1_000;

/**
 * Takes every step of this artwork that is due, one after the other. Answers when to wake again, in epoch
 * milliseconds, or null when nothing is left to do.
 */
export async function drive(deps: Deps, artworkId: string): Promise<number | null> {
  for (let step = 0; step < STEPS_PER_WAKING; step += 1) {
    // oxlint-disable-next-line no-await-in-loop -- the order of steps is the point
    const open = await openGenerations(deps, artworkId);
    if (open.some((row) => row.deletedAt !== null)) {
      // oxlint-disable-next-line no-await-in-loop
      await removeAll(deps, artworkId);
      return null;
    }
    const due = open.find((row) => (row.generation.dueAt ?? 0) <= deps.now());
    if (due === undefined) return earliest(open.map((row) => row.generation.dueAt));
    // oxlint-disable-next-line no-await-in-loop
    await advance(deps, due.generation);
  }
  return deps.now() + PAUSE_AFTER_TOO_MANY;
}

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce<number | null>((least, at) => (at === null ? least : Math.min(least ?? at, at)), null);

/** Bytes first: if this is cut short the rows are still there to say that something is left to remove. */
async function removeAll(deps: Deps, artworkId: string): Promise<void> {
  await deps.copier.remove(`artworks/${artworkId}/`);
  await removeArtwork(deps, artworkId);
  deps.log.info("artwork.removed", { artworkId });
}
