/** Responses that are held until a generation has ended, without a timeout at a proxy on the way. */
import { keepAliveBody } from "../../http/keep-alive-body.ts";
import { SECOND } from "../../lib/time.ts";

/** Clients and proxies close a connection that is silent for half a minute and more. */
const FILL_EVERY = 10 * SECOND;
/** What proxies allow for a whole response: five minutes, minus a little to write it. */
export const LONGEST_HOLD = 290 * SECOND;

/** Fills the silences of a JSON response. */
const WHITESPACE = { text: " ", milliseconds: FILL_EVERY };
/** Fills the silences of a stream. */
export const COMMENT = { text: ": still at work\n\n", milliseconds: FILL_EVERY };

export interface JsonAnswer {
  /** JSON, or its pieces when it is too large for memory. */
  readonly body: string | AsyncIterable<string>;
}

/** An answer before the first silence, whose status is still free, or after it, when the status is already 200. */
export type HeldAnswer<Answer extends JsonAnswer> =
  | {
      readonly kind: "early";
      readonly answer: Answer;
      readonly body: string | ReadableStream<Uint8Array>;
    }
  | { readonly kind: "late"; readonly body: ReadableStream<Uint8Array> };

/** Holds a response for the result of `work`. A late body starts with whitespace. `work` must not throw. */
export async function holdAnswer<Answer extends JsonAnswer>(
  work: (gone: AbortSignal) => Promise<Answer>,
): Promise<HeldAnswer<Answer>> {
  const reader = new AbortController();
  const working = work(reader.signal);
  const early = await beforeFirstSilence(working);
  if (typeof early?.body === "string") return { kind: "early", answer: early, body: early.body };
  const body = keepAliveBody(async ({ send, pipe, gone }) => {
    gone.addEventListener("abort", () => reader.abort());
    if (early === null) send(WHITESPACE.text);
    const { body: json } = await working;
    if (typeof json === "string") send(json);
    else await pipe(json);
  }, WHITESPACE);
  return early === null ? { kind: "late", body } : { kind: "early", answer: early, body };
}

/** The result if it comes before the first silence must be filled, else null. */
async function beforeFirstSilence<Answer>(working: Promise<Answer>): Promise<Answer | null> {
  const { promise: silence, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), FILL_EVERY);
  const first = await Promise.race([working, silence]);
  clearTimeout(timer);
  return first;
}
