import { createScheduledController, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { sha256Hex } from "../../src/lib/crypto.ts";
import type { ArtworkBody, GenerationBody } from "../support/expect.ts";
import type { DeliveryBody } from "../domain/webhooks/receiver.ts";

const ORIGIN = "https://darkroom.example";
const HEADERS = { Authorization: "Bearer root-key", "Content-Type": "application/json" };

const call = (path: string, init: RequestInit = {}) =>
  exports.default.fetch(new Request(`${ORIGIN}${path}`, { headers: HEADERS, ...init }));

const generate = async (prompt: string): Promise<ArtworkBody> => {
  const response = await call("/api/artworks/generate", { method: "POST", body: JSON.stringify({ prompt }) });
  expect(response.status).toBe(202);
  return await response.json();
};

const status = async (artworkId: string): Promise<GenerationBody> =>
  await (await call(`/api/artworks/${artworkId}/generation-status`)).json();

afterEach(() => vi.useRealTimers());

/** The Worker itself: real bindings, the real Durable Object and its alarm, the simulator as its outbound network. */
describe("the Worker", () => {
  it("starts a job by the wake alone, and finishes it by its own alarm when no callback can come", async () => {
    const artwork = await generate("a red fox");
    await vi.waitUntil(async () => (await status(artwork.id)).status === "processing", { timeout: 5_000 });
    vi.setSystemTime(Date.now() + 60_000);
    await runDurableObjectAlarm(env.ARTWORKS.getByName(artwork.id));
    const generation = await status(artwork.id);
    expect(generation.status).toBe("completed");
    const media = await call(new URL(generation.outputs[0]!.url).pathname);
    expect((await media.arrayBuffer()).byteLength).toBe(generation.outputs[0]?.bytes);
  });

  it("sets its alarm again when a step throws, and goes on once the failure is over", async () => {
    const artwork = await generate("a blue whale");
    await vi.waitUntil(async () => (await status(artwork.id)).status === "processing", { timeout: 5_000 });
    await env.DB.exec("alter table outputs rename to outputs_away");
    vi.setSystemTime(Date.now() + 60_000);
    const actor = env.ARTWORKS.getByName(artwork.id);
    for (let failure = 0; failure < 8; failure += 1) {
      expect(await runDurableObjectAlarm(actor)).toBe(true);
    }
    await env.DB.exec("alter table outputs_away rename to outputs");
    vi.setSystemTime(Date.now() + 60_000);
    await runDurableObjectAlarm(actor);
    expect((await status(artwork.id)).status).toBe("completed");
  });

  it("answers a long poll from the actor's signal", async () => {
    const artwork = await generate("a green frog [sim:stuck]");
    await vi.waitUntil(async () => (await status(artwork.id)).status === "processing", { timeout: 5_000 });
    const waiting = call(`/api/artworks/${artwork.id}/generation-status?wait=20`);
    await call(`/api/artworks/${artwork.id}/cancel`, { method: "POST" });
    expect(await (await waiting).json()).toMatchObject({ status: "canceled" });
  });

  it("sweeps up an artwork whose actor has lost its alarm", async () => {
    const artwork = await generate("a white swan");
    await vi.waitUntil(async () => (await status(artwork.id)).status === "processing", { timeout: 5_000 });
    const actor = env.ARTWORKS.getByName(artwork.id);
    await runInDurableObject(actor, (_instance, state) => state.storage.deleteAlarm());
    vi.setSystemTime(Date.now() + 120_000);
    await worker.scheduled(createScheduledController(), env);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    expect((await status(artwork.id)).status).toBe("completed");
  });

  it("delivers to the URL of a request by the dispatcher's own alarm, until a delivery succeeds", async () => {
    const webhookUrl = "https://nobody.example/hook";
    const response = await call("/api/artworks/generate", {
      method: "POST",
      body: JSON.stringify({ prompt: "a grey owl [sim:stuck]", webhookUrl }),
    });
    const { id } = await response.json<ArtworkBody>();
    await call(`/api/artworks/${id}/cancel`, { method: "POST" });
    const delivery = async () => {
      const log = await call(`/api/webhooks/deliveries?artwork=${id}`);
      return (await log.json<{ data: DeliveryBody[] }>()).data[0];
    };
    // The simulator, which is the whole network here, knows no such path.
    await vi.waitUntil(async () => (await delivery())?.attempts.length === 1, { timeout: 5_000 });
    const first = await delivery();
    expect(first).toMatchObject({ status: "pending", attempts: [{ statusCode: 404 }] });
    const dispatcher = env.WEBHOOKS.getByName(await sha256Hex(`root ${webhookUrl}`));
    const alarm = await runInDurableObject(dispatcher, (_instance, state) => state.storage.getAlarm());
    expect(alarm).toBe(Date.parse(first?.nextAttemptAt ?? ""));
    vi.setSystemTime(Date.now() + 60_000);
    expect(await runDurableObjectAlarm(dispatcher)).toBe(true);
    expect((await delivery())?.attempts).toHaveLength(2);
  });
});

describe("an object whose configuration is wrong", () => {
  const objects = () => {
    const name = crypto.randomUUID();
    return {
      "an artwork's actor": env.ARTWORKS.getByName(name),
      "a dispatcher": env.WEBHOOKS.getByName(name),
      "the slots of a key": env.START_SLOTS.getByName(name),
    };
  };

  it.each(["an artwork's actor", "a dispatcher", "the slots of a key"] as const)(
    "wakes again, as %s",
    async (which) => {
      const stub = objects()[which];
      await runInDurableObject(stub, async (object, { storage }) => {
        await storage.put({ artworkId: "art_1", receiver: "root https://nobody.example/" });
        await storage.setAlarm(Date.now() + 60_000);
        Object.assign(object, { env: { ...env, KIE_API_BASE_URL: "not a URL" } });
      });

      expect(await runDurableObjectAlarm(stub)).toBe(true);

      const next = await runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
      expect(next).toBeGreaterThan(Date.now());
      await runInDurableObject(stub, (_object, { storage }) => storage.deleteAll());
    },
  );
});
