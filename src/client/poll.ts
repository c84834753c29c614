/** The events of an artwork where streams do not come through: asked for, and the answer held until there is news. */
import type { Artwork, Generation } from "./artwork.ts";
import type { ArtworkEvent } from "./event.ts";
import { emptyAnswer } from "./failure.ts";
import { TIME_LIMIT } from "./http.ts";
import type { Answer, Call, Http } from "./http.ts";

/** Seconds that the service holds its answer. Less than proxies stand. */
const HELD = 25;
/** Between two questions, so that a service or a proxy that holds nothing is not asked without end. */
const PAUSE = 1_000;
/** Several minutes without an answer, in which somebody may be in a tunnel. */
const TRIES = 20;
const PAGE = 100;

interface TimelinePage {
  readonly data: readonly { readonly id: number; readonly type: string }[];
  readonly hasMore: boolean;
}

interface Place {
  /** Id of the last event that was delivered; null for none. */
  readonly after: number | null;
  /** Of the status as it was last seen. */
  readonly etag: string | null;
  readonly isOver: boolean;
}

interface Seen extends Omit<Place, "after"> {
  readonly events: TimelinePage["data"];
  /** Null when nothing is new. */
  readonly artwork: Artwork | null;
}

type Ask = <Body>(rest: string, call?: Call) => Promise<Answer<Body>>;

/** Yields the events that the stream would send after `after`, in the same order, and ends where it would end. */
export async function* poll(
  http: Http,
  path: string,
  { after, signal }: { readonly after: number | null; readonly signal: AbortSignal | undefined },
): AsyncGenerator<ArtworkEvent, void> {
  const ask: Ask = (rest, call = {}) => http.ask(`${path}${rest}`, { ...call, signal, tries: TRIES });
  let place: Place = { after, etag: null, isOver: false };
  for (;;) {
    const seen = await look(ask, place);
    yield* eventsIn(place, seen);
    if (seen.isOver && seen.artwork === null) return;
    const { etag, isOver } = seen;
    place = { after: seen.events.at(-1)?.id ?? place.after ?? 0, etag, isOver };
    if (!isOver) await http.platform.wait(PAUSE, signal);
  }
}

/** The status first, then the events, then the artwork: each knows of what was seen before it. */
async function look(ask: Ask, { after, etag, isOver: wasOver }: Place): Promise<Seen> {
  const status = await askStatus(ask, etag);
  const isOver = status.body?.terminal ?? wasOver;
  const events = await eventsAfter(ask, after ?? 0);
  const hasMoved = etag !== null && status.body !== undefined && !isOver;
  const isNews = after === null || events.length > 0 || hasMoved;
  const artwork = isNews ? await bodyOf(ask<Artwork>("")) : null;
  return { etag: status.etag ?? etag, isOver, events, artwork };
}

/** At once the first time; from then on once it differs from what was seen. */
function askStatus(ask: Ask, etag: string | null): Promise<Answer<Generation>> {
  if (etag === null) return ask("/generation-status");
  const timeLimit = TIME_LIMIT + HELD * 1_000;
  return ask(`/generation-status?wait=${HELD}`, { headers: { "If-None-Match": etag }, timeLimit });
}

async function eventsAfter(ask: Ask, after: number): Promise<TimelinePage["data"]> {
  const { data, hasMore } = await bodyOf(ask<TimelinePage>(`/timeline?after=${after}&limit=${PAGE}`));
  const last = data.at(-1);
  return hasMore && last !== undefined ? [...data, ...(await eventsAfter(ask, last.id))] : data;
}

async function bodyOf<Body>(answer: Promise<Answer<Body>>): Promise<Body> {
  const { body } = await answer;
  if (body === undefined) throw emptyAnswer();
  return body;
}

function* eventsIn({ after }: Place, { events, artwork }: Seen): Generator<ArtworkEvent, void> {
  if (artwork === null) return;
  if (after === null) return yield { id: events.at(-1)?.id ?? 0, type: "artwork.snapshot", data: artwork };
  for (const { id, type } of events) yield { id, type, data: artwork };
  if (events.length === 0) yield { id: null, type: "artwork.progress", data: artwork };
}
