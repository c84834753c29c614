/** A short conversation with Redis. Loaded on demand: the client is twice as large as all that a start loads. */
import { Redis } from "ioredis";
import { platformTimer } from "../lib/change-signal.ts";
import { SECOND } from "../lib/time.ts";

/** For all of a conversation: name, TCP, TLS, password, commands. A server that is well needs milliseconds. */
const TIME_LIMIT = 2 * SECOND;

/** `unreachable`: nobody there. `timed_out`: somebody, who says nothing. `refused`: it answered that it will not. */
export type RedisProblem = "unreachable" | "timed_out" | "refused";

export type Conversation<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: RedisProblem; readonly error: unknown };

const client = (url: string): Redis =>
  new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIME_LIMIT,
    commandTimeout: TIME_LIMIT,
    // One try: who asks again opens a connection of its own.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    // What would be asked before the first command, and what older servers and proxies do not know.
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
  });

/**
 * Connects, has `talk` say what it has to say, and closes. A Worker's sockets belong to the request that opened
 * them, so there is no connection to keep. Never throws, and ends within `TIME_LIMIT`.
 */
export async function converse<Answer>(
  url: string,
  talk: (redis: Redis) => Promise<Answer>,
): Promise<Conversation<Answer>> {
  const redis = client(url);
  const late = Promise.withResolvers<Conversation<Answer>>();
  const callOff = platformTimer(TIME_LIMIT, () =>
    late.resolve({ ok: false, problem: "timed_out", error: new Error("No answer in time.") }),
  );
  // What went wrong with the connection says more than what its commands then say, and comes before it.
  redis.on("error", (error: Error) => late.resolve({ ok: false, problem: problemOf(error), error }));
  try {
    return await Promise.race([late.promise, say(redis, talk)]);
  } finally {
    callOff();
    redis.disconnect();
  }
}

async function say<Answer>(
  redis: Redis,
  talk: (redis: Redis) => Promise<Answer>,
): Promise<Conversation<Answer>> {
  try {
    return { ok: true, answer: await talk(redis) };
  } catch (error) {
    return { ok: false, problem: problemOf(error), error };
  }
}

function problemOf(error: unknown): RedisProblem {
  if (!(error instanceof Error)) return "unreachable";
  if (error.name === "ReplyError") return "refused";
  return /timed? ?out/i.test(error.message) ? "timed_out" : "unreachable";
}
