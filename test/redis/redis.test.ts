import { describe, expect, it } from "vitest";
import { noticeOf } from "../../src/domain/artworks/notice.ts";
import type { Change } from "../../src/domain/ports/changes.ts";
import { publishToRedis } from "../../src/redis/listener.ts";
import { generate, read } from "../support/expect.ts";
import { createWorld } from "../support/harness.ts";
import type { World } from "../support/harness.ts";

let count = 0;

/** A world whose Redis is down, with every change that was published. */
function createWorldWithoutRedis(): { world: World; received: Change[]; url: string } {
  const received: Change[] = [];
  // The state of a URL is cached for a while, across worlds.
  const url = `redis://:open-sesame@127.0.0.1:1/${(count += 1)}`;
  const world: World = createWorld({
    vars: { REDIS_URL: url },
    deps: (base) => ({
      listeners: [
        ...base.listeners,
        { name: "test", onChange: async (change) => void received.push(change) },
      ],
    }),
  });
  return { world, received, url };
}

describe("Redis", () => {
  it("is not configured by default and reports that", async () => {
    const world = createWorld();
    const response = await world.call("GET", "/api/redis/ping", { headers: { Authorization: "" } });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ configured: false });
    const health: { components: Record<string, unknown> } = await (
      await world.call("GET", "/api/health")
    ).json();
    expect(health.components["redis"]).toMatchObject({ status: "not_configured" });
  });

  it("answers 503 with the reason when it is unreachable, and health stays ok", async () => {
    const { world } = createWorldWithoutRedis();
    const response = await world.call("GET", "/api/redis/ping");
    expect(response.status).toBe(503);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toEqual({
      ok: false,
      reason: "Redis cannot be reached.",
      code: "unreachable",
    });
    expect((await world.call("GET", "/api/health")).status).toBe(200);
  });

  it("gets one ping for simultaneous requests", async () => {
    const { world } = createWorldWithoutRedis();
    await Promise.all(Array.from({ length: 20 }, () => world.call("GET", "/api/redis/ping")));
    expect(world.logs.filter(({ event }) => event === "redis.down")).toHaveLength(1);
  });

  it("receives ends only, and its failure is logged without its password", async () => {
    const { world } = createWorldWithoutRedis();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    expect(await read(world, `/api/artworks/${artwork.id}`)).toMatchObject({ status: "ready" });
    const lost = world.logs.filter(({ event }) => event === "redis.not_published");
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ level: "warn", problem: "unreachable", artworkId: artwork.id });
    expect(JSON.stringify(world.logs)).not.toContain("open-sesame");
  });

  it("receives in the background, and only at the end", async () => {
    const { world, received, url } = createWorldWithoutRedis();
    await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const later: Promise<unknown>[] = [];
    const listener = publishToRedis({ url, deps: () => world.deps, later: (work) => void later.push(work) });
    for (const change of received) await listener.onChange(change);
    expect(received.length).toBeGreaterThan(1);
    expect(later).toHaveLength(1);
    await Promise.all(later);
  });

  it("carries the artwork as the API shows it, with links of the request's origin", async () => {
    const { world, received } = createWorldWithoutRedis();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const end = received.find((change) => change.generation?.status === "completed");
    const notice = await noticeOf(world.deps, end!);
    expect(notice).toEqual({
      type: "artwork.completed",
      timestamp: new Date(end?.generation?.completedAt ?? 0).toISOString(),
      data: await read(world, `/api/artworks/${artwork.id}`),
    });
  });

  it("carries the ended generation, also when the next one already runs", async () => {
    const { world, received } = createWorldWithoutRedis();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`, { body: {} });
    const end = received.find((change) => change.generation?.status === "completed");
    const notice = await noticeOf(world.deps, end!);
    expect(notice).toMatchObject({
      type: "artwork.completed",
      data: { id: artwork.id, generation: { number: 1, status: "completed" } },
    });
  });

  it("receives nothing for an artwork that is deleted meanwhile", async () => {
    const { world, received } = createWorldWithoutRedis();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    const end = received.find((change) => change.generation?.status === "canceled");
    expect(await noticeOf(world.deps, end!)).toBeNull();
  });

  it("refuses an invalid REDIS_URL with the variable's name and without its value", async () => {
    const world = createWorld({ vars: { REDIS_URL: "http://open-sesame" } });
    const response = await world.call("GET", "/api/redis/ping");
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("open-sesame");
  });
});
