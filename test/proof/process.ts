/**
 * One run of the Worker or of an actor, which can end at any await: every call to a dependency passes a
 * gate before and after its effect, and a process that stops at a gate never continues.
 */
import { drizzle } from "drizzle-orm/d1";
import type { Cache } from "../../src/domain/ports/cache.ts";
import type { Deps } from "../../src/domain/deps.ts";
import { freeSlots } from "../../src/domain/start-slots/take-slot.ts";
import { invalidateViews } from "../../src/domain/artworks/views.ts";
import { gatedDatabase } from "./gated-database.ts";

export type Phase = "before" | "after";

/** The decision of a gate: continue, stop here, or fail this one operation. */
export type Verdict = "go" | "stop" | "throw";

/** Called at each gate; `point` names the operation. */
export type Watch = (point: string, phase: Phase) => Promise<Verdict>;

export type Gate = <Value>(point: string, act: () => Promise<Value>) => Promise<Value>;

export interface Process {
  readonly deps: Deps;
  /** Runs a function with these deps. Resolves with its value, or with `DIED` when the process stopped. */
  readonly run: <Value>(act: () => Promise<Value>) => Promise<Value | typeof DIED>;
}

export const DIED = Symbol("died");

/** A failure that the proof injects. */
class Outage extends Error {}

export function startProcess(base: Deps, database: D1Database, watch: Watch): Process {
  const death = Promise.withResolvers<typeof DIED>();
  const never = new Promise<never>(() => undefined);
  const underWay = new Set<Promise<unknown>>();
  let isDead = false;

  const track = <Value>(promise: Promise<Value>): Promise<Value> => {
    const settled = promise.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return promise;
  };
  const arrive = async (point: string, phase: Phase): Promise<void> => {
    if (isDead) return await never;
    const verdict = await track(watch(point, phase));
    if (isDead) return await never;
    if (verdict === "throw") throw new Outage(`${point}: out of order`);
    if (verdict === "go") return;
    isDead = true;
    death.resolve(DIED);
    return await never;
  };
  const gate: Gate = async (point, act) => {
    await arrive(point, "before");
    const value = await track(act());
    await arrive(point, "after");
    return value;
  };
  return {
    deps: gatedDeps(base, database, gate),
    run: async (act) => {
      const outcome = await Promise.race([act(), death.promise]);
      // Operations that were running when the process died still take effect; no step follows them.
      if (outcome === DIED) await Promise.all(underWay);
      return outcome;
    },
  };
}

function gatedDeps(base: Deps, database: D1Database, gate: Gate): Deps {
  const { providers, mediaStore, uploadStore, actors, startSlots, receivers, webhookSender } = base;
  const gatedSlots: Deps["startSlots"] = {
    ask: (...call) => gate("slots.ask", () => startSlots.ask(...call)),
    release: (...call) => gate("slots.release", () => startSlots.release(...call)),
    requeueFirst: (...call) => gate("slots.requeueFirst", () => startSlots.requeueFirst(...call)),
    disable: (...call) => gate("slots.disable", () => startSlots.disable(...call)),
  };
  const cache = gatedCache(base.cache, gate);
  return {
    ...base,
    db: drizzle(gatedDatabase(database, gate)),
    providers: {
      ...providers,
      submit: (...call) => gate("provider.submit", () => providers.submit(...call)),
      poll: (...call) => gate("provider.poll", () => providers.poll(...call)),
    },
    mediaStore: {
      copy: (...call) => gate("mediaStore.copy", () => mediaStore.copy(...call)),
      store: (...call) => gate("mediaStore.store", () => mediaStore.store(...call)),
      find: (...call) => gate("mediaStore.find", () => mediaStore.find(...call)),
      remove: (...call) => gate("mediaStore.remove", () => mediaStore.remove(...call)),
    },
    uploadStore: {
      ...uploadStore,
      publish: (...call) => gate("uploadStore.publish", () => uploadStore.publish(...call)),
    },
    cache,
    actors: {
      ...actors,
      wake: (...call) => gate("actors.wake", () => actors.wake(...call)),
    },
    startSlots: gatedSlots,
    receivers: { wake: (...call) => gate("receivers.wake", () => receivers.wake(...call)) },
    webhookSender: { post: (...call) => gate("webhookSender.post", () => webhookSender.post(...call)) },
    listeners: [invalidateViews(cache), freeSlots(gatedSlots)],
  };
}

const gatedCache = (cache: Cache, gate: Gate): Cache => ({
  get: <Value>(key: string) => gate("cache.get", () => cache.get<Value>(key)),
  put: (...call) => gate("cache.put", () => cache.put(...call)),
  remove: (...call) => gate("cache.remove", () => cache.remove(...call)),
});
