import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ArtworkBody } from "../support/answers.ts";
import { readEvents } from "../support/watch.ts";

const HEADERS = { Authorization: "Bearer root-key", "Content-Type": "application/json" };

const call = (method: string, path: string, body?: unknown): Promise<Response> =>
  exports.default.fetch(
    new Request(`https://darkroom.example${path}`, {
      method,
      headers: HEADERS,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

/** Whether its actor has handled the change and sleeps until its next alarm; or the artwork is deleted. */
async function isAsleep(id: string): Promise<boolean> {
  if ((await call("GET", `/api/artworks/${id}`)).status === 404) return true;
  const wakesAt = await runInDurableObject(env.ARTWORKS.getByName(id), (_instance, state) =>
    state.storage.getAlarm(),
  );
  return wakesAt !== null && wakesAt > Date.now() + 10_000;
}

/** An artwork whose job the provider has, and never ends. A call to it that is still under way would keep the runtime from ending. */
async function stuckArtwork(): Promise<ArtworkBody> {
  const made = await call("POST", "/api/artworks/generate", { prompt: "a green frog [sim:stuck]" });
  const { id }: ArtworkBody = await made.json();
  onTestFinished(() => vi.waitUntil(() => isAsleep(id), { timeout: 5_000 }).then(() => undefined));
  const read = async (): Promise<ArtworkBody> => await (await call("GET", `/api/artworks/${id}`)).json();
  await vi.waitUntil(async () => (await read()).generation.status === "processing", { timeout: 5_000 });
  return await read();
}

const listenersOf = (id: string) =>
  runInDurableObject(env.ARTWORKS.getByName(id), (_instance, state) => state.getWebSockets().length);

/** The real Worker with its real Durable Objects. */
describe("a stream", () => {
  it("receives of a change through an actor that was evicted meanwhile", async () => {
    const { id } = await stuckArtwork();
    const reader = readEvents(await call("GET", `/api/artworks/${id}/events`));
    expect((await reader.next())?.event).toBe("artwork.snapshot");
    await vi.waitUntil(async () => (await listenersOf(id)) === 1);
    await evictDurableObject(env.ARTWORKS.getByName(id));
    await call("POST", `/api/artworks/${id}/cancel`);
    expect((await reader.rest()).map(({ event }) => event)).toEqual(["artwork.canceled"]);
  });

  it("leaves nothing behind at the actor when it has ended", async () => {
    const { id } = await stuckArtwork();
    const reader = readEvents(await call("GET", `/api/artworks/${id}/events`));
    await reader.next();
    await call("POST", `/api/artworks/${id}/cancel`);
    await reader.rest();
    await vi.waitUntil(async () => (await listenersOf(id)) === 0);
    expect(await listenersOf(id)).toBe(0);
  });

  it("is forgotten at the actor when its reader goes away", async () => {
    const { id } = await stuckArtwork();
    const reader = readEvents(await call("GET", `/api/artworks/${id}/events`));
    await reader.next();
    await vi.waitUntil(async () => (await listenersOf(id)) === 1);
    await reader.cancel();
    await vi.waitUntil(async () => (await listenersOf(id)) === 0);
    expect(await listenersOf(id)).toBe(0);
  });

  it("of everything receives of a change in any artwork, also of one that a request makes", async () => {
    const { id } = await stuckArtwork();
    const reader = readEvents(await call("GET", "/api/events"));
    expect((await reader.next())?.event).toBe("artworks.snapshot");
    await call("POST", `/api/artworks/${id}/cancel`);
    expect((await reader.next())?.event).toBe("artwork.canceled");
    await call("DELETE", `/api/artworks/${id}`);
    expect((await reader.next())?.event).toBe("artwork.deleted");
    await reader.cancel();
  });
});

describe("a socket", () => {
  it("gets the same as the stream, and is closed at the end", async () => {
    const { id } = await stuckArtwork();
    const response = await exports.default.fetch(
      new Request(`https://darkroom.example/api/artworks/${id}/ws?lastEventId=2`, {
        headers: { ...HEADERS, Upgrade: "websocket" },
      }),
    );
    const { promise, resolve } = Promise.withResolvers<number>();
    const types: string[] = [];
    const socket = response.webSocket!;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      types.push((JSON.parse(String(data)) as { type: string }).type);
    });
    socket.addEventListener("close", ({ code }) => resolve(code));
    await call("POST", `/api/artworks/${id}/cancel`);
    expect(await promise).toBe(1_000);
    expect(types).toEqual(["artwork.processing", "artwork.canceled"]);
  });
});

describe("a long poll", () => {
  it("is answered at once when the job is canceled, by the same signal", async () => {
    const { id } = await stuckArtwork();
    const waiting = call("GET", `/api/artworks/${id}/generation-status?wait=60`);
    await vi.waitUntil(async () => (await listenersOf(id)) === 1);
    const canceledAt = Date.now();
    await call("POST", `/api/artworks/${id}/cancel`);
    expect(await (await waiting).json()).toMatchObject({ status: "canceled" });
    expect(Date.now() - canceledAt).toBeLessThan(2_000);
  });
});
