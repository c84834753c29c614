import { changeTag } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { findWithArtwork } from "../artworks/queries.ts";
import type { ArtworkWithGeneration } from "../rows.ts";
import { isTerminal } from "../status.ts";
import { rechecks } from "./wait.ts";

/**
 * A generation as it is now and after every change, until it has ended or its artwork is deleted, at most until
 * `until` (epoch milliseconds), and as long as the watcher stays. Waits on the actor, not on the database.
 */
export async function* changesOf(
  deps: Deps,
  made: ArtworkWithGeneration,
  options: { readonly until: number; readonly gone: AbortSignal },
): AsyncGenerator<ArtworkWithGeneration> {
  yield made;
  if (isTerminal(made.generation.status)) return;
  let tag = changeTag(made.generation);
  for await (const _ of rechecks(deps, () => deps.actors.listen(made.artwork.id), options)) {
    const now = await findWithArtwork(deps, made.artwork.owner, made.generation.id);
    if (now === null) return;
    if (changeTag(now.generation) !== tag) yield now;
    tag = changeTag(now.generation);
    if (isTerminal(now.generation.status)) return;
  }
}
