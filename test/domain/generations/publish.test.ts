import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createDeps } from "../../../src/compose/create-deps.ts";
import type { Change, Listener } from "../../../src/domain/ports/changes.ts";
import { findGeneration } from "../../../src/domain/generations/queries.ts";
import { generate, read } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

/** The state that a listener reads when it receives a change. */
interface Found {
  readonly published: string | null;
  readonly inDatabase: string | null;
  readonly gallery: string | null;
  readonly ended: string | null;
}

/** A world whose listeners read D1 and KV when they receive a change. */
function createWatchedWorld(more: readonly Listener[] = []): { world: World; found: Found[] } {
  const found: Found[] = [];
  const poll = async ({ owner, artworkId, generationNumber, generation }: Change) => {
    const row = generation === null ? null : await findGeneration(world.deps, generation.id);
    found.push({
      published: generation?.status ?? null,
      inDatabase: row?.status ?? null,
      gallery: await env.CACHE.get(`gallery:${owner}`),
      ended: await env.CACHE.get(`generation:${artworkId}:${generationNumber}`),
    });
  };
  const world: World = createWorld({
    deps: (base) => ({ listeners: [...base.listeners, ...more, { name: "other", onChange: poll }] }),
  });
  return { world, found };
}

/** Reads the cache: the gallery's first page and the outputs of an ended generation. */
async function fillCache(world: World, artworkId: string): Promise<void> {
  await read(world, "/api/artworks");
  await read(world, `/api/artworks/${artworkId}/generation-status`);
}

describe("a change", () => {
  it("reaches the cache first and Redis last", () => {
    const more = { name: "watchers", onChange: async () => undefined };
    const { listeners } = createDeps({ ...env, REDIS_URL: "redis://127.0.0.1:1" }, [more]);
    const names = listeners.map(({ name }) => name);
    expect([names[0], names.at(-1)]).toEqual(["views", "redis"]);
    expect(names).toContain("watchers");
  });

  it("is in D1 and out of the gallery's cache before any other listener receives it", async () => {
    const { world, found } = createWatchedWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    for (let second = 0; second < 10; second += 1) {
      await read(world, "/api/artworks");
      expect(await env.CACHE.get("gallery:root")).not.toBeNull();
      await world.pass(1_000);
    }
    await fillCache(world, artwork.id);
    expect(found.map(({ published }) => published)).toEqual([
      "queued",
      "submitting",
      "processing",
      "storing",
      "completed",
    ]);
    expect(found.filter(({ published, inDatabase }) => published !== inDatabase)).toEqual([]);
    expect(found.filter(({ gallery }) => gallery !== null)).toEqual([]);
  });

  it("removes the cached outputs of its generation", async () => {
    const { world, found } = createWatchedWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await fillCache(world, artwork.id);
    expect(await env.CACHE.get(`generation:${artwork.id}:1`)).not.toBeNull();
    found.length = 0;
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    expect(found).toEqual([{ published: null, inDatabase: null, gallery: null, ended: null }]);
  });

  it("reaches the other listeners when one before them fails", async () => {
    const broken = { name: "broken", onChange: () => Promise.reject(new Error("out of order")) };
    const { world, found } = createWatchedWorld([broken]);
    await generate(world, { prompt: "a fox" });
    expect(found).toHaveLength(1);
    expect(world.logs.find(({ event }) => event === "listener.failed")).toMatchObject({ listener: "broken" });
  });
});
