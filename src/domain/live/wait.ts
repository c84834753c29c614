import type { ChangeSignal } from "../../lib/change-signal.ts";
import { changeTag } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { newestGeneration } from "../artworks/queries.ts";
import { isTerminal } from "../status.ts";
import type { GenerationRow } from "../rows.ts";

/** How a wait ends early: at the first change, or only at the end. */
export type WaitFor = "change" | "end";

/** A request may query D1 a thousand times, and a check takes up to three queries. */
const MAX_RECHECKS = 300;

/**
 * Yields whenever a check is worthwhile: once the listener is connected, then on every change, at most until `until` (epoch
 * milliseconds). The first check sees every earlier change, so none is missed between a read and the listener. A lost
 * connection is a reason to check, too.
 */
export async function* rechecks(
  { now }: Pick<Deps, "now">,
  listen: () => Promise<ChangeSignal>,
  { until, gone }: { readonly until: number; readonly gone?: AbortSignal },
): AsyncGenerator<void> {
  let signal = await listen();
  const leave = () => signal.close();
  const hasLeft = () => gone?.aborted === true;
  gone?.addEventListener("abort", leave);
  try {
    for (let polls = 0; polls < MAX_RECHECKS && !hasLeft(); polls += 1) {
      yield;
      const left = until - now();
      if (left <= 0) return;
      // oxlint-disable-next-line no-await-in-loop -- each wait begins where the one before it ended
      const outcome = await signal.next(left);
      if (outcome === "quiet") return;
      // oxlint-disable-next-line no-await-in-loop
      if (outcome === "lost" && !hasLeft()) signal = await listen();
    }
  } finally {
    gone?.removeEventListener("abort", leave);
    signal.close();
  }
}

/**
 * Holds until the artwork's newest generation changes (or ends), at most `milliseconds`. Answers it as it is
 * then. Waits on the actor, not on the database.
 */
export async function waitFor(
  deps: Deps,
  generation: GenerationRow,
  options: { readonly until: WaitFor; readonly milliseconds: number },
): Promise<GenerationRow> {
  if (isTerminal(generation.status)) return generation;
  const { owner, artworkId } = generation;
  const until = deps.now() + options.milliseconds;
  let current = generation;
  for await (const _ of rechecks(deps, () => deps.actors.listen(artworkId), { until })) {
    const next = await newestGeneration(deps, owner, artworkId);
    if (next === null) return current;
    const hasChanged = changeTag(next) !== changeTag(generation);
    current = next;
    if (isTerminal(next.status) || (hasChanged && options.until === "change")) return next;
  }
  return current;
}
