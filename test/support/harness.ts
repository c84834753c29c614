/**
 * The whole of Darkroom on a clock that a test moves: the real app, lifecycle, D1, R2 and KV, with the simulator
 * as its provider. Only the clock, the network and the Durable Object's alarm are stood in for.
 */
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { createApp } from "../../src/app.ts";
import { compose } from "../../src/compose/compose.ts";
import type { Platform } from "../../src/compose/platform.ts";
import { readConfig } from "../../src/env.ts";
import type { Config } from "../../src/env.ts";
import type { Env } from "../../src/bindings.ts";
import { runArtwork } from "../../src/domain/lifecycle/run-artwork.ts";
import type { Deps } from "../../src/domain/deps.ts";
import type { Listener } from "../../src/domain/ports/changes.ts";
import { dispatch } from "../../src/domain/webhooks/dispatch.ts";
import { createLog } from "../../src/lib/log.ts";
import type { Fetch } from "../../src/lib/fetch.ts";
import { createChangeEmitter } from "../../src/lib/change-signal.ts";
import type { Timer } from "../../src/lib/change-signal.ts";
import { countQueries } from "./count-queries.ts";
import type { QueryCount } from "./count-queries.ts";
import { createFakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { createMemorySlots } from "./memory-slots.ts";
import { ownCache } from "./own-cache.ts";
import { waitUntilAll } from "./wait-until.ts";
import { CLOUDFLARE_ACCOUNT } from "../../src/simulator/options.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import type { Simulator, SimulatorOptions } from "../../src/simulator/simulator.ts";

export const ORIGIN = "http://localhost:8787";
const PROVIDER = "http://127.0.0.1:8799";
/** What every world has unless it says otherwise. */
const VARS = {
  API_KEY: "root-key",
  KIE_API_KEY: "sim-key",
  KIE_API_BASE_URL: PROVIDER,
  WEBHOOK_BASE_URL: ORIGIN,
  CF_API_BASE_URL: `${PROVIDER}/client/v4`,
  CF_ACCOUNT_ID: CLOUDFLARE_ACCOUNT.accountId,
  CF_API_TOKEN: CLOUDFLARE_ACCOUNT.token,
};

export interface World {
  readonly clock: FakeClock;
  readonly simulator: Simulator;
  readonly deps: Deps;
  /** Generations that have or wait for a start slot. */
  readonly heldSlots: () => readonly string[];
  readonly queries: QueryCount;
  /** Every line that was logged, parsed. */
  readonly logs: readonly Record<string, unknown>[];
  /** Calls the API as its owner; a body is sent as JSON. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>;
  /** Sends a request as it is. */
  readonly send: (request: Request) => Promise<Response>;
  /** Takes every step that is due now, and every step that those make due at once. */
  readonly settle: () => Promise<void>;
  /** Moves the clock, waking actors and the provider's timers on the way, in order. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface WorldOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  readonly deps?: (deps: Deps) => Partial<Deps>;
  /** Stands between this world and its provider. */
  readonly network?: (send: Fetch) => Fetch;
  /** Variables that this world's Worker has; the root key is always `root-key`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Another host of the network: answers a request, or leaves it to the simulator with null. */
  readonly intercept?: (request: Request) => Promise<Response | null>;
  /** The network of webhook receivers. */
  readonly receive?: (request: Request) => Promise<Response>;
  /** Where its clock begins, in epoch milliseconds; without it at the present. */
  readonly start?: number;
}

/** Objects that have been woken or have an alarm, with the time of it. */
type Alarms = Map<string, number>;

/** Builds a world. Each test makes its own; ids are unguessable, so worlds in one file do not meet. */
export function createWorld(options: WorldOptions = {}): World {
  const clock = createFakeClock(options.start ?? Date.now());
  const alarms: Alarms = new Map();
  const receiverAlarms: Alarms = new Map();
  const waiting = new Set<() => void>();
  const timer: Timer = (milliseconds, run) => {
    let isOff = false;
    clock.schedule(milliseconds, async () => void (isOff || run()));
    return () => void (isOff = true);
  };
  const listen = () => {
    const emitter = createChangeEmitter(timer, () => waiting.delete(emitter.emit));
    waiting.add(emitter.emit);
    return emitter.signal;
  };
  const logs: Record<string, unknown>[] = [];
  const queries = countQueries(env.DB);
  const wake: Listener = { name: "watchers", onChange: async () => waiting.forEach((resolve) => resolve()) };
  const log = createLog((_level, line) => void logs.push(JSON.parse(line) as Record<string, unknown>));
  const writing: Promise<unknown>[] = [];
  const cache = ownCache(log, (write) => void writing.push(write));

  const bindings = { ...env, ...VARS, ...options.vars };
  const config = configOf(bindings);
  const simulator = createSimulator({
    origin: PROVIDER,
    apiKeys: listed(bindings.KIE_API_KEY),
    webhookHmacKey: null,
    taskMs: 3_000,
    createLimit: { count: 1_000, windowMs: 10_000 },
    now: clock.now,
    schedule: clock.schedule,
    deliver: (request) => send(request),
    ...options.simulator,
  });
  const direct: Fetch = async (url, init) => {
    const request = new Request(url, init);
    return (await options.intercept?.(request)) ?? (await simulator.fetch(request));
  };
  const network = options.network?.(direct) ?? direct;
  const startSlots = createMemorySlots(clock, () => deps);
  const receive = options.receive ?? (() => Promise.reject(new Error("nobody listens")));
  const platform: Platform = {
    db: drizzle(queries.database),
    bucket: env.MEDIA,
    cache,
    log,
    now: clock.now,
    pause: async () => undefined,
    timer,
    fetch: network,
    fetchReceiver: (url, init) => receive(new Request(url, init)),
    actors: {
      wake: async (artworkId) => {
        alarms.set(artworkId, clock.now());
        waiting.forEach((resolve) => resolve());
      },
      listen: async () => listen(),
    },
    feeds: { notify: async () => undefined, listen: async () => listen() },
    startSlots,
    receivers: { wake: async (receiver) => void receiverAlarms.set(receiver, clock.now()) },
    later: (work) => void writing.push(work),
  };
  const base = compose(platform, config, [wake]);
  const deps: Deps = { ...base, ...options.deps?.(base) };
  const app = createApp(() => deps);

  const send = async (request: Request): Promise<Response> => {
    const { context, done } = waitUntilAll();
    const response = await app.fetch(request, bindings, context);
    await done();
    await Promise.all(writing.splice(0));
    return response;
  };
  const runReceiver = async (receiver: string) => {
    receiverAlarms.delete(receiver);
    const next = await runLikeAnObject(deps, () => dispatch(deps, receiver));
    const woken = receiverAlarms.get(receiver);
    if (next !== null) receiverAlarms.set(receiver, Math.min(next, woken ?? next));
  };
  /** Each receiver has an object of its own: they wake at the same time. */
  const runReceivers = async () => {
    for (let due = allDue(receiverAlarms, clock.now()); due.length > 0;) {
      await Promise.all(due.map(runReceiver));
      due = allDue(receiverAlarms, clock.now());
    }
  };
  const runDue = async () => {
    for (let due = nextDue(alarms, clock.now()); due !== null; due = nextDue(alarms, clock.now())) {
      alarms.delete(due);
      const next = await runLikeAnObject(deps, () => runArtwork(deps, due));
      await Promise.all(writing.splice(0));
      const woken = alarms.get(due);
      // An alarm is set by the clock of who sets it, which a test may have put wrong.
      const at = next === null ? null : next + clock.now() - deps.now();
      if (at !== null) alarms.set(due, Math.min(at, woken ?? at));
    }
    await runReceivers();
  };
  return {
    clock,
    simulator,
    deps,
    heldSlots: startSlots.held,
    queries,
    logs,
    settle: runDue,
    pass: async (milliseconds) => {
      const until = clock.now() + milliseconds;
      await runDue();
      while (clock.now() < until) {
        const nextAlarm = Math.min(until, ...alarms.values(), ...receiverAlarms.values());
        await clock.advance(Math.max(0, Math.min(nextAlarm - clock.now(), STEP)));
        await runDue();
      }
    },
    send,
    call: (method, path, { body, headers = {} } = {}) =>
      send(
        new Request(`${ORIGIN}${path}`, {
          method,
          headers: { Authorization: "Bearer root-key", ...(body === undefined ? {} : JSON_TYPE), ...headers },
          ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
        }),
      ),
  };
}

const isRaw = (body: unknown): body is string | Uint8Array =>
  typeof body === "string" || body instanceof Uint8Array;

/** A world whose configuration cannot be used is one without variables, until a request finds out. */
function configOf(bindings: Env): Config {
  try {
    return readConfig(bindings);
  } catch {
    return readConfig(env);
  }
}

/** Retries a run that throws after five seconds, like a Durable Object. */
async function runLikeAnObject(deps: Deps, wake: () => Promise<number | null>): Promise<number | null> {
  try {
    return await wake();
  } catch (error) {
    deps.log.error("object.waking_failed", { error: String(error) });
    return deps.now() + 5_000;
  }
}

const listed = (text: string): string[] => text.split(",").filter((item) => item !== "");

const JSON_TYPE = { "Content-Type": "application/json" };
/** The clock moves at most so far before alarms are looked at again: the provider's timers may have woken some. */
const STEP = 1_000;

const allDue = (alarms: Alarms, now: number): string[] =>
  [...alarms]
    .filter(([, at]) => at <= now)
    .toSorted(([, one], [, other]) => one - other)
    .map(([name]) => name);

const nextDue = (alarms: Alarms, now: number): string | null => allDue(alarms, now)[0] ?? null;
