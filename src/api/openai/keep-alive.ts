/** Answers that are held until a job has ended, without dying at a proxy on the way. */
import type { AppContext } from "../../http/context.ts";
import { keepAliveBody } from "../../http/keep-alive-body.ts";
import { DO_NOT_RETRY } from "../../http/problem.ts";
import { SECOND } from "../../lib/time.ts";

/** Clients and proxies give up on a connection that says nothing for half a minute and more. */
const FILL_EVERY = 10 * SECOND;
/** What proxies allow an answer altogether: five minutes, and a little to write it. */
export const LONGEST_HOLD = 290 * SECOND;

/** What fills the silences of a JSON answer, and of a stream. */
const WHITESPACE = { text: " ", milliseconds: FILL_EVERY };
export const COMMENT = { text: ": still at work\n\n", milliseconds: FILL_EVERY };

export interface JsonAnswer {
  readonly status: 200 | 400 | 404 | 504;
  /** JSON, or its pieces where it is too large to be held in memory. */
  readonly body: string | AsyncIterable<string>;
}

/**
 * Answers what `work` comes to. Within ten seconds with its own status; after that the status has to be 200, and
 * whitespace comes before the JSON, which may be an error. `work` must not throw.
 */
export async function holdJson(
  c: AppContext,
  work: (gone: AbortSignal) => Promise<JsonAnswer>,
): Promise<Response> {
  const reader = new AbortController();
  const working = work(reader.signal);
  const soon = await withinFirstSilence(working);
  const answer = soon ?? { status: 200 as const, body: null };
  const headers = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...(answer.status === 200 ? {} : DO_NOT_RETRY),
  };
  if (typeof answer.body === "string") return c.body(answer.body, answer.status, headers);
  const body = keepAliveBody(async ({ send, pipe, gone }) => {
    gone.addEventListener("abort", () => reader.abort());
    if (soon === null) send(WHITESPACE.text);
    const { body: json } = await working;
    if (typeof json === "string") send(json);
    else await pipe(json);
  }, WHITESPACE);
  return c.body(body, answer.status, headers);
}

/** What comes of it before the first silence would have to be filled, or null. */
async function withinFirstSilence(working: Promise<JsonAnswer>): Promise<JsonAnswer | null> {
  const { promise: silence, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), FILL_EVERY);
  const first = await Promise.race([working, silence]);
  clearTimeout(timer);
  return first;
}
