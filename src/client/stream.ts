/** The events of an artwork as the service streams them. */
import { createParser } from "eventsource-parser";
import type { Artwork } from "./artwork.ts";
import type { ArtworkEvent } from "./event.ts";
import { within } from "./platform.ts";
import type { Platform } from "./platform.ts";

/** The service speaks at once. A proxy that collects what it says before passing it on shows by its silence. */
export const FIRST_WORD_WITHIN = 10_000;
/** The service says something every 15 s: after three silences the connection is dead, whatever TCP thinks. */
const WORD_WITHIN = 45_000;

/** News, or `alive`: a sign that the stream works. */
export type Word = ArtworkEvent | "alive";

export const isEventStream = (response: Response): boolean =>
  response.body !== null && (response.headers.get("Content-Type") ?? "").startsWith("text/event-stream");

/**
 * Reads words until the stream ends. Throws when it breaks off, and when it is silent for too long. Closes the
 * connection when its reader leaves.
 */
export async function* readWords(
  platform: Platform,
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Word, void> {
  const words: Word[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own word, which this client is made for
      words.push({ id: idOf(id), type: event ?? "message", data: JSON.parse(data) as Artwork }),
    onComment: () => words.push("alive"),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const silent = () => new Error("The stream has gone silent.");
  try {
    for (let limit = FIRST_WORD_WITHIN; ; limit = WORD_WITHIN) {
      const { done, value } = await within(platform, limit, reader.read(), silent);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* words.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const idOf = (id: string | undefined): number | null =>
  id === undefined || id === "" || !/^\d+$/.test(id) ? null : Number(id);
