/** Whether Redis answers. */
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";
import { converse } from "./connection.ts";
import type { RedisProblem } from "./connection.ts";

/** Anybody may ask, so asking is cheap: at most one connection in this time from each place where the Worker runs. */
const KNOWN_FOR = 5 * SECOND;

export type Pong =
  | { readonly ok: true; readonly latencyMs: number }
  | { readonly ok: false; readonly problem: RedisProblem };

interface Asked {
  readonly url: string;
  readonly at: number;
  readonly pong: Promise<Pong>;
}

/** Of this isolate: a limit that every request shares. */
let latest: Asked | null = null;

/** Pings Redis, or returns the result of a ping a moment ago. Never throws and never names the URL. */
export async function ping(url: string, log: Log, later: (work: Promise<unknown>) => void): Promise<Pong> {
  const at = Date.now();
  if (latest === null || latest.url !== url || at - latest.at >= KNOWN_FOR) {
    latest = { url, at, pong: measure(url, log) };
    // Others wait for this answer too: it must come even when who asked first has gone.
    later(latest.pong);
  }
  return await latest.pong;
}

async function measure(url: string, log: Log): Promise<Pong> {
  const startedAt = Date.now();
  const said = await converse(url, (redis) => redis.ping());
  if (said.ok) return { ok: true, latencyMs: Date.now() - startedAt };
  log.warn("redis.down", { problem: said.problem, ...describeError(said.error) });
  return { ok: false, problem: said.problem };
}
