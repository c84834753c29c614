/** The run of an artwork's actor: every due step, then the time of the next run. */
import { describeError } from "../../lib/log.ts";
import { advance } from "./advance.ts";
import type { Deps } from "../deps.ts";
import { openGenerations } from "../generations/queries.ts";
import type { GenerationRow } from "../rows.ts";
import { removeArtwork } from "../artworks/removal.ts";

/** A generation takes five steps when all goes well. More at one waking would mean a loop; it goes on at the next. */
const STEPS_PER_WAKING = 20;
const PAUSE_AFTER_TOO_MANY = 1_000;

/** Pause of a generation whose step threw: the storage failed and needs a moment. */
const PAUSE_AFTER_ERROR = 5_000;

/**
 * Takes every step of this artwork that is due, one after the other. Returns the time of the next run, in epoch
 * milliseconds, or null when nothing is left to do. A generation whose step throws rests; the others go on.
 */
export async function runArtwork(deps: Deps, artworkId: string): Promise<number | null> {
  const resting = new Set<string>();
  for (let step = 0; step < STEPS_PER_WAKING; step += 1) {
    // oxlint-disable-next-line no-await-in-loop -- the order of steps is the point
    const open = await openGenerations(deps, artworkId);
    if (open.some((row) => row.deletedAt !== null)) {
      // oxlint-disable-next-line no-await-in-loop
      await removeAll(deps, artworkId);
      return null;
    }
    const awake = open.map((row) => row.generation).filter((row) => !resting.has(row.id));
    const due = awake.find((row) => (row.dueAt ?? 0) <= deps.now());
    if (due === undefined) return earliest([...awake.map((row) => row.dueAt), ...restUntil(deps, resting)]);
    // oxlint-disable-next-line no-await-in-loop
    if (!(await advanceSafely(deps, due))) resting.add(due.id);
  }
  return deps.now() + PAUSE_AFTER_TOO_MANY;
}

const restUntil = (deps: Deps, resting: ReadonlySet<string>): number[] =>
  resting.size === 0 ? [] : [deps.now() + PAUSE_AFTER_ERROR];

async function advanceSafely(deps: Deps, row: GenerationRow): Promise<boolean> {
  try {
    await advance(deps, row);
    return true;
  } catch (error) {
    const { artworkId, id: generationId } = row;
    deps.log.error("step.failed", { artworkId, generationId, ...describeError(error) });
    return false;
  }
}

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce<number | null>((least, at) => (at === null ? least : Math.min(least ?? at, at)), null);

/**
 * Removes bytes first: after a crash the rows still show that something is left to remove. Pending webhook deliveries are
 * rendered before the rows are gone.
 */
async function removeAll(deps: Deps, artworkId: string): Promise<void> {
  const { renderPending } = await import("../webhooks/housekeeping.ts");
  await renderPending(deps, artworkId);
  await deps.mediaStore.remove(`artworks/${artworkId}/`);
  await removeArtwork(deps, artworkId);
  deps.log.info("artwork.removed", { artworkId });
}
