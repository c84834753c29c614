/** Results that are kept for a while only: the actor that made them removes them when their time has come. */
import { publish } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { updateGeneration, recordEvent } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { removeCopies } from "./store-outputs.ts";

/**
 * A completed generation rests until what it made expires; then its bytes go, then their rows, then the generation says
 * so. Cut short anywhere, it is still due and does the rest.
 */
export async function expireResults(deps: Deps, row: GenerationRow): Promise<void> {
  const { expiresAt, expiredAt } = row;
  if (expiresAt === null || expiredAt !== null)
    return void (await updateGeneration(deps, row, { dueAt: null }));
  if (deps.now() < expiresAt) return void (await updateGeneration(deps, row, { dueAt: expiresAt }));
  await removeCopies(deps, row);
  await recordEvent(deps, row, {
    type: "generation.expired",
    detail: {},
    changes: { expiredAt: deps.now(), dueAt: null },
  });
  // The artwork changed. The generation ended long ago, and its end is not published again.
  const { artworkId, owner, number: generationNumber } = row;
  await publish(deps, { artworkId, owner, generationNumber, generation: null });
}
