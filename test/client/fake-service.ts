/** A service with scripted answers, and a client whose time the test controls. */
import { darkroomOver } from "../../src/client/calls.ts";
import type { Artwork, ArtworkEvent, Darkroom } from "../../src/client/index.ts";
import { createHttp } from "../../src/client/http.ts";
import type { Platform } from "../../src/client/platform.ts";

type Answer = Response | Error | ((request: Request) => Response | Promise<Response>);

export interface FakeService {
  readonly darkroom: Darkroom;
  readonly requests: readonly Request[];
  /** Pauses between tries, in milliseconds; they end at once. */
  readonly pauses: readonly number[];
  /** Ends the current time limit, or the next one. */
  readonly timeOut: () => void;
}

/** Time limits of answers are at least this long; pauses between tries are shorter in these tests. */
const LEAST_LIMIT = 10_000;

export function createFakeService(answers: readonly Answer[]): FakeService {
  const requests: Request[] = [];
  const pauses: number[] = [];
  const limits = new Set<() => void>();
  let isTimedOut = false;
  const platform: Platform = {
    random: () => 0.5,
    newKey: () => `key-${requests.length}`,
    wait: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      if (milliseconds < LEAST_LIMIT) return void pauses.push(milliseconds);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (isTimedOut) resolve();
      isTimedOut = false;
      limits.add(resolve);
      signal?.addEventListener("abort", () => limits.delete(resolve));
      await promise;
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      const answer = answers[requests.length - 1];
      if (answer === undefined) throw new Error(`Nobody expected ${request.method} ${request.url}`);
      if (answer instanceof Error) throw answer;
      return answer instanceof Response ? answer : await answer(request);
    },
  };
  const timeOut = () => {
    isTimedOut = limits.size === 0;
    limits.forEach((pass) => pass());
  };
  const darkroom = darkroomOver(createHttp("https://darkroom.example", "key", platform));
  return { darkroom, requests, pauses, timeOut };
}

/** The fields of an artwork that the client reads. */
export const artwork = (status: string, terminal = false): Artwork =>
  ({ id: "art_1", object: "artwork", generation: { status, terminal } }) as unknown as Artwork;

/** An event as the service streams it. */
export const frame = (id: number | null, type: string, data: Artwork): string =>
  `event: ${type}\n${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

const SSE = { "Content-Type": "text/event-stream; charset=utf-8" };

/** A stream of these pieces that then ends, breaks off, or stays open and silent. */
export function stream(
  pieces: readonly (string | Uint8Array)[],
  end: "closed" | "broken" | "silent" = "closed",
  onCancel: () => void = () => undefined,
): Response {
  const encoder = new TextEncoder();
  const rest = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = rest.shift();
      if (piece !== undefined) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      else if (end === "closed") controller.close();
      else if (end === "broken") controller.error(new TypeError("connection lost"));
      else await new Promise(() => undefined);
    },
    cancel: onCancel,
  });
  return new Response(body, { headers: SSE });
}

export const json = (body: unknown, init: ResponseInit = {}): Response => Response.json(body, init);
export const nothing = (status: 204 | 304, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers });

/** All events of a watch, as `id type`. */
export async function eventsOf(watch: AsyncIterable<ArtworkEvent>): Promise<string[]> {
  const events: string[] = [];
  for await (const { id, type } of watch) events.push(`${id} ${type}`);
  return events;
}
