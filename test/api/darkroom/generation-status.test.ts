import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

describe("generation-status", () => {
  it("costs one query while running, with a hint when to ask again, and is never cached", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    world.queries.reset();
    const response = await world.call("GET", `/api/artworks/${artwork.id}/generation-status`);
    expect(world.queries.trips).toHaveLength(1);
    expect(response.headers.get("Retry-After")).toBe("2");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  it("costs one query and no body when nothing has changed", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const path = `/api/artworks/${artwork.id}/generation-status`;
    const ETag = (await world.call("GET", path)).headers.get("ETag") ?? "";
    world.queries.reset();
    const response = await world.call("GET", path, { headers: { "If-None-Match": ETag } });
    expect(world.queries.trips).toHaveLength(1);
    expect([response.status, await response.text()]).toEqual([304, ""]);
  });

  it("reads the outputs of an ended generation from KV the second time", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const first = await statusOf(world, artwork.id);
    world.queries.reset();
    expect(await statusOf(world, artwork.id)).toEqual(first);
    expect(world.queries.trips).toHaveLength(1);
    expect(await env.CACHE.get(`generation:${artwork.id}:1`)).not.toBeNull();
  });

  it("is never answered from an old entry after a regenerate, nor after a late success", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:slow=300]", deadlineSeconds: 60 });
    await world.pass(90_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ number: 1, status: "failed" });
    expect(await env.CACHE.get(`generation:${artwork.id}:1`)).not.toBeNull();
    await world.pass(60 * 60_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ number: 1, status: "completed" });
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`, { body: { prompt: "a bear" } });
    expect(await statusOf(world, artwork.id)).toMatchObject({ number: 2, status: "queued", outputs: [] });
    await world.pass(10_000);
    const second = await statusOf(world, artwork.id);
    expect(second).toMatchObject({ number: 2, status: "completed" });
    expect(second.outputs[0]?.sha256).toBe(world.simulator.tasks[1]?.sha256[0]);
  });

  it("with ?wait holds until something changes", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    const answer = world.call("GET", `/api/artworks/${artwork.id}/generation-status?wait=30`);
    await Promise.resolve();
    await world.pass(10_000);
    expect(await (await answer).json()).toMatchObject({ status: expect.stringMatching(/storing|completed/) });
  });

  it("with ?wait reads twice, however long it waits: before it listens and when it does", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    world.queries.reset();
    const answer = world.call("GET", `/api/artworks/${artwork.id}/generation-status?wait=60`);
    await vi.waitUntil(() => world.queries.trips.length === 2);
    await world.clock.advance(60_000);
    expect((await answer).status).toBe(200);
    expect(world.queries.trips).toHaveLength(2);
  });

  it("with ?wait answers at once what the client has not seen", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:stuck]" });
    const path = `/api/artworks/${artwork.id}/generation-status?wait=60`;
    const response = await world.call("GET", path, { headers: { "If-None-Match": '"older"' } });
    expect(response.status).toBe(200);
  });

  it("asks the actor to look when the row is long overdue", async () => {
    const woken: string[] = [];
    const world = createWorld({
      deps: (base) => ({ actors: { ...base.actors, wake: async (id) => void woken.push(id) } }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    woken.length = 0;
    await world.clock.advance(15_000);
    await statusOf(world, artwork.id);
    expect(woken).toEqual([artwork.id]);
  });
});
