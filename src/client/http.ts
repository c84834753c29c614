/** Calls of the API: credentials, errors, and tries that may be repeated. */
import { DarkroomError } from "./error.ts";
import { errorOf, mayPass, networkError } from "./failure.ts";
import { pauseBefore, within } from "./platform.ts";
import type { Platform } from "./platform.ts";

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the service has for its answer; where it is a stream, to begin it. */
  readonly timeLimit?: number;
  /** How often to try while it fails in a way that may pass. */
  readonly tries?: number;
}

export interface Answer<Body> {
  readonly etag: string | null;
  /** Undefined where there is none: 204 and 304. */
  readonly body: Body | undefined;
}

/** Both throw `DarkroomError`, or the signal's reason when that ended the call. */
export interface Http {
  readonly platform: Platform;
  /** One try; answers what is ok, and 304. */
  readonly open: (path: string, call?: Call) => Promise<Response>;
  /** A call with its answer read. Every try of it is the same request. */
  readonly ask: <Body>(path: string, call?: Call) => Promise<Answer<Body>>;
}

const TRIES = 4;
/** A service that wants to be left alone for longer is not asked again: who called decides. */
const LONGEST_RETRY_AFTER = 30;
export const TIME_LIMIT = 30_000;

export function createHttp(base: string, apiKey: string | undefined, platform: Platform): Http {
  const credentials = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };

  /** A call whose answer `take` reads, within the time limit of the call. */
  async function send<Value>(
    path: string,
    call: Call,
    take: (response: Response) => Value | Promise<Value>,
  ): Promise<Value> {
    const { headers, signal, timeLimit = TIME_LIMIT, tries: _tries, ...init } = call;
    const ending = new AbortController();
    const signals = signal === undefined ? [ending.signal] : [ending.signal, signal];
    const request = { ...init, headers: { ...credentials, ...headers }, signal: AbortSignal.any(signals) };
    const late = () => {
      ending.abort();
      return new Error("The service does not answer.");
    };
    const answer = async (): Promise<Value> => {
      const response = await platform.fetch(`${base}${path}`, request);
      if (response.ok || response.status === 304) return await take(response);
      throw await errorOf(response);
    };
    return await within(platform, timeLimit, answer(), late);
  }

  const open = (path: string, call: Call = {}): Promise<Response> => send(path, call, (response) => response);

  const read = <Body>(path: string, call: Call): Promise<Answer<Body>> =>
    send(path, call, async (response) => {
      const isEmpty = response.status === 204 || response.status === 304;
      return { etag: response.headers.get("ETag"), body: isEmpty ? undefined : await response.json() };
    });

  async function ask<Body>(path: string, call: Call = {}): Promise<Answer<Body>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await read(path, call);
      } catch (error) {
        const failure = failureOf(error, call.signal);
        const asked = failure.retryAfter ?? 0;
        const isLast = tries >= (call.tries ?? TRIES) || asked > LONGEST_RETRY_AFTER;
        if (isLast || !mayPass(failure)) throw failure;
        await platform.wait(Math.max(asked * 1_000, pauseBefore(platform, tries)), call.signal);
      }
    }
  }

  return { platform, open, ask };
}

/** The error of a failed try as one of this client. Throws the reason of the signal that ended the try. */
export function failureOf(error: unknown, signal: AbortSignal | undefined): DarkroomError {
  signal?.throwIfAborted();
  return error instanceof DarkroomError ? error : networkError(error);
}
