import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { SlotRequest } from "../../src/domain/ports/start-slots.ts";
import type { ArtworkBody, GenerationBody } from "../support/expect.ts";

const newKey = () => crypto.randomUUID().slice(0, 12);

const request = (id: string): SlotRequest => ({
  generationId: id,
  artworkId: `art_${id}`,
  owner: "root",
  deadlineAt: Date.now() + 900_000,
  limits: { starts: 20, window: 11_000, running: 100 },
});

const requests = Array.from({ length: 25 }, (_, index) => request(`gen_${index}`));

/** The object's storage: the generations and the time of its next alarm. */
const kept = (key: string) =>
  runInDurableObject(env.START_SLOTS.getByName(key), async (_object, state) => ({
    entries: [...state.storage.kv.list({ prefix: "entry:" })].map(([name]) => name),
    alarm: await state.storage.getAlarm(),
  }));

const askAll = (key: string) =>
  Promise.all(requests.map((one) => env.START_SLOTS.getByName(key).ask(one, true)));

const releaseAll = (key: string) =>
  Promise.all(requests.map(({ generationId }) => env.START_SLOTS.getByName(key).release(generationId)));

/** Evicts an object. The runtime may have ended an idle one already, which then has no memory either. */
async function evict(stub: DurableObjectStub): Promise<void> {
  try {
    await evictDurableObject(stub);
  } catch (error) {
    if (!String(error).includes("it is not currently running")) throw error;
  }
}

/** Waits for a write to the cache, which ends some time after the call that caused it. */
const untilCached = (key: string, check: (mark: string | null) => void) =>
  vi.waitFor(async () => check(await env.CACHE.get(`provider-key:${key}`)), { timeout: 10_000 });

describe("the slots of a key in a Durable Object", () => {
  it("survive an eviction with running and queued generations", async () => {
    const key = newKey();
    const before = await askAll(key);
    expect(before.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 20 }, () => "granted"),
      ...Array.from({ length: 5 }, () => "waiting"),
    ]);
    const { alarm } = await kept(key);
    expect(alarm! - Date.now()).toBeGreaterThan(5_000);
    await evict(env.START_SLOTS.getByName(key));
    const after = await askAll(key);
    expect(after.map(({ state }) => state)).toEqual(before.map(({ state }) => state));
    const stored = await kept(key);
    expect(stored.entries).toHaveLength(25);
    expect(stored.alarm).toBe(alarm);
    await releaseAll(key);
  });

  it("drop a released generation, and set no alarm with an empty queue", async () => {
    const key = newKey();
    await askAll(key);
    await evict(env.START_SLOTS.getByName(key));
    await releaseAll(key);
    expect(await kept(key)).toEqual({ entries: [], alarm: null });
  });

  it("start one owner's single job before the rest of another owner's three hundred", async () => {
    const key = newKey();
    const stub = () => env.START_SLOTS.getByName(key);
    const many = Array.from({ length: 300 }, (_, index) => request(`gen_many_${index}`));
    for (const one of many) await stub().ask(one, true);
    const single = { ...request("gen_single"), owner: "somebody else" };
    expect(await stub().ask(single, true)).toMatchObject({ state: "waiting", ahead: 281 });
    await runInDurableObject(stub(), (_object, state) => {
      const head = state.storage.kv.get<{ starts: [string, number][] }>("head")!;
      const starts = head.starts.map(([id, at]) => [id, at - 12_000]);
      state.storage.kv.put("head", { ...head, starts });
    });
    await evict(stub());
    expect(await runDurableObjectAlarm(stub())).toBe(true);
    expect(await stub().ask(single, true)).toMatchObject({ state: "granted" });
    const granted = await Promise.all(many.map((one) => stub().ask(one, true)));
    expect(granted.filter(({ state }) => state === "granted").length).toBeLessThan(40);
    await Promise.all([...many, single].map(({ generationId }) => stub().release(generationId)));
  });

  it("drop a key that is no longer configured at its next check", async () => {
    const key = newKey();
    const stub = env.START_SLOTS.getByName(key);
    await stub.disable(key, "provider_key_invalid", "gen_0");
    await untilCached(key, (mark) => expect(mark).toMatch("provider_key_invalid"));
    await evict(stub);
    const disabled = { state: "set_aside", code: "provider_key_invalid" };
    expect(await env.START_SLOTS.getByName(key).ask(request("gen_1"), true)).toEqual(disabled);
    await runInDurableObject(env.START_SLOTS.getByName(key), (_object, state) => {
      const head = state.storage.kv.get<{ disabled: object }>("head")!;
      state.storage.kv.put("head", { ...head, disabled: { ...head.disabled, probeAt: 0 } });
    });
    await evict(env.START_SLOTS.getByName(key));
    expect(await runDurableObjectAlarm(env.START_SLOTS.getByName(key))).toBe(true);
    await untilCached(key, (mark) => expect(mark).toBeNull());
    const answer = await env.START_SLOTS.getByName(key).ask(request("gen_1"), true);
    expect(answer).toEqual({ state: "granted", pollDelay: 0 });
  });
});

const call = (method: string, path: string, body?: unknown) =>
  exports.default.fetch(`http://localhost${path}`, {
    method,
    headers: { Authorization: "Bearer root-key", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe("the Worker with real Durable Objects", () => {
  it("starts a job with a slot and releases the slot at its end", { timeout: 30_000 }, async () => {
    const made = await call("POST", "/api/artworks/generate", { prompt: "a red fox" });
    const artwork: ArtworkBody = await made.json();
    await vi.waitFor(
      async () => {
        const status = await call("GET", `/api/artworks/${artwork.id}/generation-status`);
        expect((await status.json<GenerationBody>()).status).toBe("completed");
      },
      { timeout: 25_000, interval: 250 },
    );
    const row = await env.DB.prepare("select credential_id from generations where artwork_id = ?")
      .bind(artwork.id)
      .first<{ credential_id: string }>();
    await vi.waitFor(async () => expect((await kept(row!.credential_id)).entries).toEqual([]));
  });
});
