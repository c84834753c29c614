import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createDeps } from "../../../src/compose/create-deps.ts";
import type { Change, Listener } from "../../../src/domain/ports/changes.ts";
import { findGeneration } from "../../../src/domain/generations/queries.ts";
import { generate, read } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

/** What a listener finds when it receives of a change, in the order of the hearing. */
interface Found {
  readonly told: string | null;
  readonly inDatabase: string | null;
  readonly gallery: string | null;
  readonly ended: string | null;
}

/** A world whose other listeners look at D1 and KV themselves the moment they hear. */
function createWatchedWorld(more: readonly Listener[] = []): { world: World; found: Found[] } {
  const found: Found[] = [];
  const poll = async ({ owner, artworkId, generationNumber, generation }: Change) => {
    const row = generation === null ? null : await findGeneration(world.deps, generation.id);
    found.push({
      told: generation?.status ?? null,
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

/** Reads what is cached: the gallery's first page and the outputs of an ended generation. */
async function fillCache(world: World, artworkId: string): Promise<void> {
  await read(world, "/api/artworks");
  await read(world, `/api/artworks/${artworkId}/generation-status`);
}

describe("a change", () => {
  it("is told to the cache first in the Worker too, and to Redis last", () => {
    const more = { name: "watchers", onChange: async () => undefined };
    const { listeners } = createDeps({ ...env, REDIS_URL: "redis://127.0.0.1:1" }, [more]);
    const names = listeners.map(({ name }) => name);
    expect([names[0], names.at(-1)]).toEqual(["views", "redis"]);
    expect(names).toContain("watchers");
  });

  it("is in D1, and gone from the gallery's cache, before anybody else receives of it", async () => {
    const { world, found } = createWatchedWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    for (let second = 0; second < 10; second += 1) {
      await read(world, "/api/artworks");
      expect(await env.CACHE.get("gallery:root")).not.toBeNull();
      await world.pass(1_000);
    }
    await fillCache(world, artwork.id);
    expect(found.map(({ told }) => told)).toEqual([
      "queued",
      "submitting",
      "processing",
      "storing",
      "completed",
    ]);
    expect(found.filter(({ told, inDatabase }) => told !== inDatabase)).toEqual([]);
    expect(found.filter(({ gallery }) => gallery !== null)).toEqual([]);
  });

  it("takes the cached outputs of its generation along", async () => {
    const { world, found } = createWatchedWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await fillCache(world, artwork.id);
    expect(await env.CACHE.get(`generation:${artwork.id}:1`)).not.toBeNull();
    found.length = 0;
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    expect(found).toEqual([{ told: null, inDatabase: null, gallery: null, ended: null }]);
  });

  it("is received of by the others also when a listener before them fails", async () => {
    const broken = { name: "broken", onChange: () => Promise.reject(new Error("out of order")) };
    const { world, found } = createWatchedWorld([broken]);
    await generate(world, { prompt: "a fox" });
    expect(found).toHaveLength(1);
    expect(world.logs.find(({ event }) => event === "listener.failed")).toMatchObject({ listener: "broken" });
  });
});
