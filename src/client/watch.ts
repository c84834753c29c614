/**
 * Follows an artwork. The service streams its events, each with an id; a stream that ends or breaks off is taken up
 * again after the last id that arrived. Where streams do not come through, polling yields the same events.
 */
import { mayPass } from "./failure.ts";
import type { ArtworkEvent, WatchOptions } from "./event.ts";
import { failureOf } from "./http.ts";
import type { Http } from "./http.ts";
import { pauseBefore } from "./platform.ts";
import { poll } from "./poll.ts";
import { FIRST_WORD_WITHIN, isEventStream, readWords } from "./stream.ts";

/** Streams in a row that brought nothing before events are asked for instead. */
const VAIN_STREAMS = 3;

export async function* watch(
  http: Http,
  id: string,
  { after, signal }: WatchOptions = {},
): AsyncGenerator<ArtworkEvent, void> {
  const path = `/api/artworks/${encodeURIComponent(id)}`;
  let last = after ?? null;
  let isEnding = false;
  for (let vain = 0; vain < VAIN_STREAMS; vain += 1) {
    try {
      const body = await open(http, path, last, signal);
      if (body === null) return;
      for await (const word of readWords(http.platform, body)) {
        vain = -1;
        if (word === "alive" || isDelivered(word, last)) continue;
        last = word.id ?? last;
        isEnding = saysTheEnd(word);
        yield word;
      }
    } catch (error) {
      const failure = failureOf(error, signal);
      if (!mayPass(failure)) throw failure;
    }
    // What looks like the end is when the service says so: it has nothing to stream any more.
    const pause = isEnding ? 0 : pauseBefore(http.platform, vain + 2);
    isEnding = false;
    await http.platform.wait(pause, signal);
  }
  yield* poll(http, path, { after: last, signal });
}

/** Opens a stream of the events after `last`; null when the artwork has ended and nothing is left. */
async function open(http: Http, path: string, last: number | null, signal: AbortSignal | undefined) {
  const resume: Record<string, string> = last === null ? {} : { "Last-Event-ID": String(last) };
  const headers = { Accept: "text/event-stream", ...resume };
  const response = await http.open(`${path}/events`, { headers, signal, timeLimit: FIRST_WORD_WITHIN });
  if (response.status === 204) return null;
  if (isEventStream(response)) return response.body;
  throw new Error("The answer is no stream of events.");
}

const isDelivered = ({ id }: ArtworkEvent, last: number | null): boolean =>
  id !== null && last !== null && id <= last;

const saysTheEnd = ({ type, data: { generation } }: ArtworkEvent): boolean =>
  generation.terminal && (type === "artwork.snapshot" || type === `artwork.${generation.status}`);
