import { describeError } from "../lib/log.ts";
import { changeTag } from "./announce.ts";
import type { Deps } from "./ports.ts";
import { newestGeneration } from "./queries.ts";
import { isTerminal } from "./state.ts";
import type { GenerationRow } from "./store.ts";

/** How a wait ends early: at the first change, or only at the end. */
export type WaitFor = "change" | "end";

/** False when the actor cannot be waited on (it was reset, or a new version is deployed): waiting is a courtesy. */
async function changed(deps: Deps, generation: GenerationRow, milliseconds: number): Promise<boolean> {
  try {
    await deps.actors.changed(generation.artworkId, changeTag(generation), milliseconds);
    return true;
  } catch (error) {
    deps.log.warn("wait.broken_off", { artworkId: generation.artworkId, ...describeError(error) });
    return false;
  }
}

/**
 * Holds until the artwork's newest generation changes (or ends), at most `milliseconds`. Answers it as it is
 * then. Waits on the actor, not on the database.
 */
export async function waitFor(
  deps: Deps,
  generation: GenerationRow,
  patience: { readonly until: WaitFor; readonly milliseconds: number },
): Promise<GenerationRow> {
  const giveUpAt = deps.now() + patience.milliseconds;
  let current = generation;
  while (!isTerminal(current.status)) {
    const left = giveUpAt - deps.now();
    if (left <= 0) return current;
    // oxlint-disable-next-line no-await-in-loop -- each wait begins where the one before it ended
    if (!(await changed(deps, current, left))) return current;
    // oxlint-disable-next-line no-await-in-loop
    const next = await newestGeneration(deps, current.owner, current.artworkId);
    if (next === null) return current;
    const hasChanged = changeTag(next) !== changeTag(current);
    current = next;
    if (hasChanged && patience.until === "change") return current;
  }
  return current;
}
