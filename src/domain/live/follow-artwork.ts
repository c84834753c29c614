/** An artwork's events as they happen, from where a watcher left off. */
import { HOUR } from "../../lib/time.ts";
import { changeTag } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import { newsAfter } from "../artworks/queries.ts";
import type { News } from "../artworks/queries.ts";
import { isTerminal } from "../status.ts";
import { viewWith } from "../artworks/views.ts";
import type { ArtworkView } from "../artworks/views.ts";
import { looksAt } from "./wait.ts";

/** A watcher comes back with the last id that it has; so no stream lives for ever, nor do its credentials. */
export const LONGEST_WATCH = HOUR;

/** What a watcher is told: an event of the timeline, with the artwork as it is when it is told. */
export interface Told {
  /** The event's sequence; null for news that is no event, which nobody is told again. */
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
  /** Of the artwork as it was last told. */
  readonly tag: string | null;
}

const readNews = (deps: Deps, { owner, artworkId, after }: Watch): Promise<News> =>
  newsAfter(deps, { owner, artworkId, after: after ?? Number.MAX_SAFE_INTEGER });

const isAtEnd = ({ found, newest }: News, after: number | null): boolean =>
  found !== null && isTerminal(found.generation.status) && after === newest;

/** Whether there is something to watch: `gone` without such an artwork, `over` when it has ended and all is told. */
export async function watchable(deps: Deps, watch: Watch): Promise<"gone" | "over" | "open"> {
  const news = await readNews(deps, watch);
  if (news.found === null) return "gone";
  return isAtEnd(news, watch.after) ? "over" : "open";
}

/**
 * Tells every event after the last one that the watcher has, each once and in order; one that has none gets a
 * snapshot first. Ends when the newest generation has ended and all is told, when the artwork is deleted, when
 * the watcher leaves (`gone`), and after an hour. Between events it waits on the actor and reads nothing.
 */
export async function* follow(deps: Deps, watch: Watch, gone: AbortSignal): AsyncGenerator<Told> {
  const listen = () => deps.actors.listen(watch.artworkId);
  let place: Place = { after: watch.after, tag: null };
  for await (const _ of looksAt(deps, listen, { until: deps.now() + LONGEST_WATCH, gone })) {
    for (let isBehind = true; isBehind;) {
      // oxlint-disable-next-line no-await-in-loop -- what is read next depends on what has been told
      const news = await readNews(deps, { ...watch, after: place.after });
      if (news.found === null) return;
      // oxlint-disable-next-line no-await-in-loop
      const view = await viewWith(deps, news.found);
      yield* tellAll(place, news, view);
      place = placeAfter(place, news, view);
      if (isAtEnd(news, place.after)) return;
      isBehind = (place.after ?? 0) < news.newest;
    }
  }
}

/** An id from another artwork, or from the future, is none. */
const isFresh = (place: Place, news: News): boolean => place.after === null || place.after > news.newest;

function* tellAll(place: Place, news: News, view: ArtworkView): Generator<Told> {
  if (isFresh(place, news)) return yield { id: news.newest, type: "artwork.snapshot", view };
  for (const event of news.events) yield { id: event.sequence, type: event.type, view };
  const hasMoved = place.tag !== null && place.tag !== changeTag(view.generation);
  if (news.events.length === 0 && hasMoved) yield { id: null, type: "artwork.progress", view };
}

const placeAfter = (place: Place, news: News, view: ArtworkView): Place => ({
  after: isFresh(place, news) ? news.newest : (news.events.at(-1)?.sequence ?? place.after),
  tag: changeTag(view.generation),
});
