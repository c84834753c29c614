/** Cancels the running generation of an artwork. */
import { publishGeneration } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { findArtwork } from "./queries.ts";
import type { ArtworkWithGeneration, GenerationRow } from "../rows.ts";
import { artworkNotFound } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import type { Caller } from "../caller.ts";
import { isTerminal } from "../status.ts";
import { transition } from "../generations/transitions.ts";

export interface Canceled extends ArtworkWithGeneration {
  /** Whether a job may have reached the provider, which takes no cancellations and may bill it. */
  readonly mayBeBilled: boolean;
}

/** Whether this attempt, or one with another model before it, was sent. */
const hasReachedProvider = ({ submittedAt, attempts }: GenerationRow): boolean =>
  submittedAt !== null || attempts.some(({ operation }) => operation !== null);

/** Ends the running generation of an artwork. Final: a result that comes later is noted but not stored. */
export async function cancelGeneration(
  deps: Deps,
  caller: Caller,
  artworkId: string,
): Promise<Canceled | Refusal> {
  const found = await findArtwork(deps, caller.owner, artworkId);
  if (found === null) return artworkNotFound;
  const { generation } = found;
  if (generation.status === "canceled") return { ...found, mayBeBilled: hasReachedProvider(generation) };
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
  return { artwork: found.artwork, generation: canceled, mayBeBilled: hasReachedProvider(canceled) };
}
