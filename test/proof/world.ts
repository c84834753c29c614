/** The harness's world for proofs: every request, run and sweep is a process that the proof can stop. */
import { env } from "cloudflare:workers";
import { createApp } from "../../src/app.ts";
import type { Env } from "../../src/bindings.ts";
import { runArtwork } from "../../src/domain/lifecycle/run-artwork.ts";
import type { Deps } from "../../src/domain/deps.ts";
import { sweep } from "../../src/domain/sweep.ts";
import { png } from "../support/fixtures/images.ts";
import { createWorld } from "../support/harness.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import type { Fault } from "./fault.ts";
import { memoryCache } from "./memory-cache.ts";
import { DIED, startProcess } from "./process.ts";
import type { Phase, Verdict } from "./process.ts";
import type { Action } from "./schedule.ts";

const ORIGIN = "http://localhost:8787";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The platform runs an alarm again after two seconds, and ends one that hangs after fifteen minutes. */
const ALARM_AGAIN = 2 * SECOND;
const LONGEST_ALARM = 15 * MINUTE;
/** The delay of the alarm after a run that threw. */
const AFTER_FAILURE = 5 * SECOND;
/** An upper bound of events, for a world that never comes to rest. */
const MOST_EVENTS = 3_000;

/** The start of a minute, so that sweeps run at the same times in every play of a schedule. */
const START = Date.UTC(2026, 9, 1);

/** Counts ids, so that a schedule plays the same way every time: the choice of a key, for example, depends on them. */
function countingIds(): Deps["newId"] {
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}_${String(count).padStart(40, "0")}`;
  };
}

export interface ProofWorld {
  readonly clock: FakeClock;
  readonly simulator: Simulator;
  readonly deps: Deps;
  readonly heldSlots: () => readonly string[];
  readonly deaths: () => number;
  /** Milliseconds in which nothing ran, or a hanging process blocked an artwork. */
  readonly idle: () => number;
  /** The provider keys. */
  readonly keys: readonly string[];
  /** Null when the answering process died. */
  readonly request: (method: string, path: string, more?: RequestOptions) => Promise<Response | null>;
  /** Uploads a small image. */
  readonly upload: () => Promise<Response | null>;
  readonly runActor: (artworkId: string) => Promise<void>;
  readonly wake: (artworkId: string) => void;
  readonly sweep: () => Promise<void>;
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly outage: (milliseconds: number) => Promise<void>;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The API key; null: none. */
  readonly credentials?: string | null;
}

export interface ProofOptions {
  readonly faults: readonly Fault[];
  readonly order: number;
  /** How many provider keys are configured. */
  readonly keys: number;
  readonly perform: (action: Action) => Promise<void>;
  readonly reached: (point: string, phase: Phase) => void;
  readonly struck: (fault: Fault, point: string) => void;
}

export function createProofWorld(options: ProofOptions): ProofWorld {
  const keys = ["sim-key", "sim-key-2", "sim-key-3"].slice(0, options.keys);
  const { clock, simulator, deps, heldSlots } = createWorld({
    vars: { KIE_API_KEY: keys.join(",") },
    start: START,
    simulator: { deliver: (request) => deliver(request), fetchInput: (request) => deliver(request) },
    deps: (base) => ({
      newId: countingIds(),
      cache: memoryCache(base.now),
      actors: { ...base.actors, wake: async (artworkId) => wake(artworkId) },
    }),
  });
  const app = createApp((bindings) => (bindings as Env & { DEPS: Deps }).DEPS);
  const alarms = new Map<string, number>();
  const awake = new Set<string>();
  const pendingUntil = new Map<string, number>();
  const visits = new Map<string, number>();
  const left = new Set(options.faults);
  const underWay = new Set<Promise<unknown>>();
  const passed = { before: 0, after: 0 };
  let deaths = 0;
  let idle = 0;
  let isDown = false;
  let mayLackAlarm = false;
  let lastSweepAt = 0;

  const wake = (artworkId: string) => void alarms.set(artworkId, clock.now());

  /** Runs a function in a new process. Answers its value, or the fault that ended the process. */
  const run = async <Value>(
    act: (deps: Deps) => Promise<Value>,
  ): Promise<{ value: Value } | { died: Fault | null }> => {
    let died: Fault | null = null;
    const watch = async (point: string, phase: Phase): Promise<Verdict> => {
      const fault = faultAt(point, phase);
      if (fault === undefined) return "go";
      left.delete(fault);
      options.struck(fault, point);
      return await applyFault(fault, () => (died = fault));
    };
    const process = startProcess(deps, env.DB, watch);
    const running = process.run(() => act(process.deps));
    underWay.add(running);
    try {
      const value = await running;
      return value === DIED ? { died } : { value };
    } finally {
      underWay.delete(running);
    }
  };
  /** Waits for every running process, also for those whose caller gave up, before time passes. */
  const untilQuiet = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.allSettled(underWay);
  };
  const faultAt = (point: string, phase: Phase): Fault | undefined => {
    passed[phase] += 1;
    const nth = (visits.get(`${point} ${phase}`) ?? 0) + 1;
    visits.set(`${point} ${phase}`, nth);
    options.reached(point, phase);
    return [...left].find(
      ({ at, phase: wanted }) =>
        wanted === phase &&
        (typeof at === "number" ? at === passed[phase] : at.point === point && at.nth === nth),
    );
  };
  const applyFault = async ({ mode }: Fault, die: () => void): Promise<Verdict> => {
    switch (mode.kind) {
      case "stop":
      case "stall":
        deaths += 1;
        mayLackAlarm = true;
        die();
        return "stop";
      case "throw":
        mayLackAlarm = true;
        return "throw";
      case "slow":
        await clock.advance(mode.milliseconds);
        idle += mode.milliseconds;
        return "go";
      case "meanwhile":
        await options.perform(mode.action);
        await runDue();
        return "go";
    }
  };

  const runActor = async (artworkId: string): Promise<void> => {
    alarms.delete(artworkId);
    awake.add(artworkId);
    const outcome = await run(async (own) => {
      try {
        return await runArtwork(own, artworkId);
      } catch {
        return clock.now() + AFTER_FAILURE;
      }
    });
    awake.delete(artworkId);
    const next = "value" in outcome ? outcome.value : rerunAfterDeath(artworkId, outcome.died);
    if (next !== null) alarms.set(artworkId, Math.min(next, alarms.get(artworkId) ?? next));
  };
  const rerunAfterDeath = (artworkId: string, died: Fault | null): number | null => {
    if (died?.mode.kind === "stall") {
      pendingUntil.set(artworkId, clock.now() + LONGEST_ALARM);
      idle += LONGEST_ALARM;
      return clock.now() + LONGEST_ALARM;
    }
    return died?.mode.kind === "stop" && died.mode.alarm === "again" ? clock.now() + ALARM_AGAIN : null;
  };
  const alarmAt = ([artworkId, at]: readonly [string, number]): number =>
    awake.has(artworkId) ? Infinity : Math.max(at, pendingUntil.get(artworkId) ?? 0);
  const nextAlarmAt = () => Math.min(Infinity, ...[...alarms].map(alarmAt));
  const runDue = async (): Promise<void> => {
    for (;;) {
      const due = [...alarms].filter((alarm) => alarmAt(alarm) <= clock.now());
      const next = due[options.order % Math.max(1, due.length)];
      if (next === undefined) return;
      await runActor(next[0]);
    }
  };

  const sweepNow = async (): Promise<void> => {
    lastSweepAt = clock.now();
    // The platform logs a cron that threw, and runs it again in a minute.
    await run((own) => sweep(own).catch(() => 0));
  };
  /** The time of the next sweep that finds a row; earlier sweeps find none. */
  const nextSweepAt = async (): Promise<number> => {
    if (!mayLackAlarm) return Infinity;
    const { results } = await env.DB.prepare(
      "select artwork_id as id, min(due_at) as at from generations where due_at is not null group by artwork_id",
    ).all<{ id: string; at: number }>();
    const unscheduled = results.filter(({ id }) => !alarms.has(id) && !awake.has(id)).map(({ at }) => at);
    const foundAt = Math.min(Infinity, ...unscheduled) + 30 * SECOND + 1;
    return Math.max(Math.ceil(foundAt / MINUTE) * MINUTE, lastSweepAt + MINUTE);
  };
  const pass = async (milliseconds: number): Promise<void> => {
    const until = clock.now() + milliseconds;
    await runDue();
    await untilQuiet();
    for (let events = 0; clock.now() < until; events += 1) {
      if (events > MOST_EVENTS) throw new Error("the world never comes to rest");
      const sweepAt = await nextSweepAt();
      const at = Math.min(until, nextAlarmAt(), clock.nextTimerAt(), sweepAt);
      await clock.advance(Math.max(0, at - clock.now()));
      if (clock.now() >= sweepAt) await sweepNow();
      await runDue();
      await untilQuiet();
    }
  };

  const send = async (request: Request): Promise<Response | null> => {
    const outcome = await run(async (own) => {
      const later: Promise<unknown>[] = [];
      const context = {
        waitUntil: (promise: Promise<unknown>) => void later.push(promise),
        passThroughOnException: () => undefined,
        props: {},
      } as unknown as ExecutionContext;
      const bindings = { ...env, API_KEY: "root-key", KIE_API_KEY: keys.join(","), DEPS: own };
      const response = await app.fetch(request, bindings, context);
      await Promise.allSettled(later);
      return response;
    });
    return "value" in outcome ? outcome.value : null;
  };
  const deliver = async (request: Request): Promise<Response> => {
    const response = isDown ? null : await send(request);
    if (response === null) throw new TypeError("Network connection lost.");
    return response;
  };

  return {
    clock,
    simulator,
    deps,
    heldSlots,
    deaths: () => deaths,
    idle: () => idle,
    runActor,
    wake,
    pass,
    sweep: sweepNow,
    outage: async (milliseconds) => {
      isDown = true;
      await clock.advance(milliseconds);
      await untilQuiet();
      isDown = false;
      idle += milliseconds;
    },
    keys,
    request: (method, path, { body, headers = {}, credentials = "root-key" } = {}) =>
      send(
        new Request(`${ORIGIN}${path}`, {
          method,
          headers: {
            "Content-Type": "application/json",
            ...(credentials === null ? {} : { Authorization: `Bearer ${credentials}` }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    upload: async () => {
      const headers = { Authorization: "Bearer root-key" };
      return await send(new Request(`${ORIGIN}/api/uploads`, { method: "POST", headers, body: await png() }));
    },
  };
}
