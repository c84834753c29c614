/** An artwork's events as they happen, from where a watcher left off. */
import { HOUR } from "../../lib/time.ts";
import { changeTag } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { updatesAfter } from "../artworks/queries.ts";
import type { ArtworkUpdates } from "../artworks/queries.ts";
import { isTerminal } from "../status.ts";
import { viewWith } from "../artworks/views.ts";
import type { ArtworkView } from "../artworks/views.ts";
import { rechecks } from "./wait.ts";

/** A watcher comes back with the last id that it has; so no stream lives for ever, nor do its credentials. */
export const LONGEST_WATCH = HOUR;

/** An event of the timeline, with the artwork as it is when the notice is sent. */
export interface ArtworkNotice {
  /** The event's sequence; null for progress, which is not an event and is never sent again. */
  readonly id: number | null;
  readonly type: string;
  readonly view: ArtworkView;
}

export interface Watch {
  readonly owner: string;
  readonly artworkId: string;
  /** Sequence of the last event that the watcher has; null when it has none and wants the artwork as it is. */
  readonly after: number | null;
}

/** Where a watcher is. */
interface Place {
  readonly after: number | null;
  /** Of the artwork as it was last sent. */
  readonly tag: string | null;
}

const readUpdates = (deps: Deps, { owner, artworkId, after }: Watch): Promise<ArtworkUpdates> =>
  updatesAfter(deps, { owner, artworkId, after: after ?? Number.MAX_SAFE_INTEGER });

const isAtEnd = ({ found, newest }: ArtworkUpdates, after: number | null): boolean =>
  found !== null && isTerminal(found.generation.status) && after === newest;

/** Whether there is something to watch: `gone` without such an artwork, `over` when it has ended and every event is sent. */
export async function watchable(deps: Deps, watch: Watch): Promise<"gone" | "over" | "open"> {
  const updates = await readUpdates(deps, watch);
  if (updates.found === null) return "gone";
  return isAtEnd(updates, watch.after) ? "over" : "open";
}

/**
 * Yields every event after the last one that the watcher has, each once and in order; a new watcher gets a
 * snapshot first. Ends when the newest generation has ended and every event is sent, when the artwork is deleted, when
 * the watcher leaves (`gone`), and after an hour. Between events it waits on the actor and reads nothing.
 */
export async function* follow(deps: Deps, watch: Watch, gone: AbortSignal): AsyncGenerator<ArtworkNotice> {
  const listen = () => deps.actors.listen(watch.artworkId);
  let place: Place = { after: watch.after, tag: null };
  for await (const _ of rechecks(deps, listen, { until: deps.now() + LONGEST_WATCH, gone })) {
    for (let isBehind = true; isBehind;) {
      // oxlint-disable-next-line no-await-in-loop -- what is read next depends on what was sent
      const updates = await readUpdates(deps, { ...watch, after: place.after });
      if (updates.found === null) return;
      // oxlint-disable-next-line no-await-in-loop
      const view = await viewWith(deps, updates.found);
      yield* noticesFor(place, updates, view);
      place = placeAfter(place, updates, view);
      if (isAtEnd(updates, place.after)) return;
      isBehind = (place.after ?? 0) < updates.newest;
    }
  }
}

/** An id from another artwork, or from the future, is none. */
const isFresh = (place: Place, updates: ArtworkUpdates): boolean =>
  place.after === null || place.after > updates.newest;

function* noticesFor(place: Place, updates: ArtworkUpdates, view: ArtworkView): Generator<ArtworkNotice> {
  if (isFresh(place, updates)) return yield { id: updates.newest, type: "artwork.snapshot", view };
  for (const event of updates.events) yield { id: event.sequence, type: event.type, view };
  const hasMoved = place.tag !== null && place.tag !== changeTag(view.generation);
  if (updates.events.length === 0 && hasMoved) yield { id: null, type: "artwork.progress", view };
}

const placeAfter = (place: Place, updates: ArtworkUpdates, view: ArtworkView): Place => ({
  after: isFresh(place, updates) ? updates.newest : (updates.events.at(-1)?.sequence ?? place.after),
  tag: changeTag(view.generation),
});
