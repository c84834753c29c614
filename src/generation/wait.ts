import { changeTag } from "./announce.ts";
import type { Deps } from "./ports.ts";
import { newestGeneration } from "./queries.ts";
import { isTerminal } from "./state.ts";
import type { GenerationRow } from "./store.ts";

/** How a wait ends early: at the first change, or only at the end. */
export type WaitFor = "change" | "end";

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
    await deps.actors.changed(current.artworkId, changeTag(current), left);
    // oxlint-disable-next-line no-await-in-loop
    const next = await newestGeneration(deps, current.owner, current.artworkId);
    if (next === null) return current;
    const hasChanged = changeTag(next) !== changeTag(current);
    current = next;
    if (hasChanged && patience.until === "change") return current;
  }
  return current;
}
