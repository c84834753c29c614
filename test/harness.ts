/**
 * The whole of Darkroom on a clock that a test moves: the real app, lifecycle, D1, R2 and KV, with the simulator
 * as its upstream. Only the clock, the network and the Durable Object's alarm are stood in for.
 */
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { createApp } from "../src/app.ts";
import { kvCache, uploadsTo } from "../src/deps.ts";
import { readConfig } from "../src/env.ts";
import type { Config, Env } from "../src/env.ts";
import { drive } from "../src/generation/drive.ts";
import type { Cache, Deps, Listener } from "../src/generation/ports.ts";
import { freeSlots } from "../src/generation/slots.ts";
import { invalidateViews } from "../src/generation/views.ts";
import { createIdSource, randomText } from "../src/lib/ids.ts";
import { createLog } from "../src/lib/log.ts";
import type { Fetch } from "../src/lib/fetch.ts";
import type { Log } from "../src/lib/log.ts";
import { createBell } from "../src/lib/signal.ts";
import type { Timer } from "../src/lib/signal.ts";
import { createCopier } from "../src/media/copy.ts";
import { MODELS } from "../src/models/index.ts";
import { createKieProvider } from "../src/providers/kie/index.ts";
import { countQueries } from "./count-queries.ts";
import type { QueryCount } from "./count-queries.ts";
import { createFakeClock } from "./simulator/fake-clock.ts";
import type { FakeClock } from "./simulator/fake-clock.ts";
import { createMemorySlots } from "./memory-slots.ts";
import { createSimulator } from "./simulator/simulator.ts";
import type { Simulator, SimulatorOptions } from "./simulator/simulator.ts";

export const ORIGIN = "http://localhost:8787";
const UPSTREAM = "http://127.0.0.1:8799";

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
  /** Moves the clock, waking actors and the upstream's timers on the way, in order. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface WorldOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  readonly deps?: (deps: Deps) => Partial<Deps>;
  /** Stands between this world and its upstream. */
  readonly network?: (send: Fetch) => Fetch;
  /** Variables that this world's Worker has; the root key is always `root-key`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Where its clock begins, in epoch milliseconds; without it at the present. */
  readonly start?: number;
}

/** Artworks whose actor has been kicked or has an alarm, with the time of it. */
type Alarms = Map<string, number>;

function waitUntilAll(): { context: ExecutionContext; done: () => Promise<void> } {
  const promises: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
    passThroughOnException: () => undefined,
    props: {},
  } as unknown as ExecutionContext;
  return { context, done: async () => void (await Promise.allSettled(promises)) };
}

/** Builds a world. Each test makes its own; ids are unguessable, so worlds in one file do not meet. */
export function createWorld(options: WorldOptions = {}): World {
  const clock = createFakeClock(options.start ?? Date.now());
  const alarms: Alarms = new Map();
  const waiting = new Set<() => void>();
  const timer: Timer = (milliseconds, run) => {
    let isOff = false;
    clock.schedule(milliseconds, async () => void (isOff || run()));
    return () => void (isOff = true);
  };
  const logs: Record<string, unknown>[] = [];
  const queries = countQueries(env.DB);
  const wake: Listener = { name: "watchers", hear: async () => waiting.forEach((resolve) => resolve()) };
  const log = createLog((_level, line) => void logs.push(JSON.parse(line) as Record<string, unknown>));
  const cache = ownCache(log);

  const bindings = { ...env, API_KEY: "root-key", KIE_API_KEY: "sim-key", ...options.vars };
  const simulator = createSimulator({
    origin: UPSTREAM,
    apiKeys: listed(bindings.KIE_API_KEY),
    webhookHmacKey: null,
    taskMs: 3_000,
    createLimit: { count: 1_000, windowMs: 10_000 },
    now: clock.now,
    schedule: clock.schedule,
    deliver: (request) => send(request),
    ...options.simulator,
  });
  const direct: Fetch = (url, init) => simulator.fetch(new Request(url, init));
  const network = options.network?.(direct) ?? direct;
  const keys = listed(bindings.KIE_API_KEY);
  const slots = createMemorySlots(clock, () => deps);
  const base: Deps = {
    db: drizzle(queries.database),
    now: clock.now,
    newId: createIdSource(clock.now),
    newToken: () => randomText(26),
    log,
    models: MODELS,
    provider: createKieProvider({ baseUrl: UPSTREAM, fetch: network }, keys, {
      key: options.vars?.["KIE_WEBHOOK_HMAC_KEY"] ?? null,
      now: clock.now,
    }),
    copier: createCopier({
      bucket: env.MEDIA,
      fetch: network,
      isTrustedHost: (host) => host === "127.0.0.1",
    }),
    inputs: uploadsTo(configOf(bindings), env.MEDIA, network),
    cache,
    actors: {
      kick: async (artworkId) => {
        alarms.set(artworkId, clock.now());
        waiting.forEach((resolve) => resolve());
      },
      listen: async () => {
        const bell = createBell(timer, () => waiting.delete(bell.ring));
        waiting.add(bell.ring);
        return bell.signal;
      },
    },
    slots,
    listeners: [invalidateViews(cache), freeSlots(slots), wake],
    settings: {
      defaultModel: "flux-kontext-pro",
      defaults: { aspectRatio: "1:1", outputFormat: "jpeg", safetyTolerance: 2 },
      allowAnyModel: false,
      allowPrivateUrls: false,
      mediaBase: configOf(bindings).MEDIA_BASE_URL,
      webhookOrigin: ORIGIN,
      upstreamIsPrivate: true,
    },
  };
  const deps: Deps = { ...base, ...options.deps?.(base) };
  const app = createApp(() => deps);

  const send = async (request: Request): Promise<Response> => {
    const { context, done } = waitUntilAll();
    const response = await app.fetch(request, bindings, context);
    await done();
    return response;
  };
  const runDue = async () => {
    for (let due = nextDue(alarms, clock.now()); due !== null; due = nextDue(alarms, clock.now())) {
      alarms.delete(due);
      const next = await driveLikeAnActor(deps, due);
      const kicked = alarms.get(due);
      // An alarm is set by the clock of who sets it, which a test may have put wrong.
      const at = next === null ? null : next + clock.now() - deps.now();
      if (at !== null) alarms.set(due, Math.min(at, kicked ?? at));
    }
  };
  return {
    clock,
    simulator,
    deps,
    heldSlots: slots.held,
    queries,
    logs,
    settle: runDue,
    pass: async (milliseconds) => {
      const until = clock.now() + milliseconds;
      await runDue();
      while (clock.now() < until) {
        const nextAlarm = Math.min(until, ...alarms.values());
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

/** Tests of a file share their storage, and have the same upstream keys: what is known of these is each world's own. */
function ownCache(log: Log): Cache {
  const cache = kvCache(env.CACHE, log);
  const world = crypto.randomUUID();
  const own = (key: string) => (key.startsWith("provider-key:") ? `${world}:${key}` : key);
  return {
    get: (key) => cache.get(own(key)),
    put: (key, value, ttlSeconds) => cache.put(own(key), value, ttlSeconds),
    remove: (key) => cache.remove(own(key)),
  };
}

/** A step that throws is tried again after five seconds, as the Durable Object does. */
async function driveLikeAnActor(deps: Deps, artworkId: string): Promise<number | null> {
  try {
    return await drive(deps, artworkId);
  } catch (error) {
    deps.log.error("actor.step_failed", { artworkId, error: String(error) });
    return deps.now() + 5_000;
  }
}

const listed = (text: string): string[] => text.split(",").filter((item) => item !== "");

const JSON_TYPE = { "Content-Type": "application/json" };
/** The clock moves at most so far before alarms are looked at again: the upstream's timers may have kicked some. */
const STEP = 1_000;

function nextDue(alarms: Alarms, now: number): string | null {
  const due = [...alarms].filter(([, at]) => at <= now).toSorted(([, one], [, other]) => one - other);
  return due[0]?.[0] ?? null;
}
