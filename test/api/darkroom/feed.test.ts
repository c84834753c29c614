import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { sweep } from "../../../src/domain/sweep.ts";
import { generate } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { slowSteps } from "../../support/query-plans.ts";
import { readEvents } from "../../support/watch.ts";

const DAY = 24 * 60 * 60_000;

const watchAll = async (world: World, after?: string) =>
  readEvents(
    await world.call("GET", "/api/events", {
      headers: after === undefined ? {} : { "Last-Event-ID": after },
    }),
  );

/** The position from which a watcher sees only what is still to come. */
async function position(world: World): Promise<string> {
  const reader = await watchAll(world);
  const snapshot = await reader.next();
  await reader.cancel();
  return snapshot?.id ?? "";
}

describe("the events of everything that an owner has", () => {
  it("begin with the newest artworks and send the events of each in the order of the writes", async () => {
    const world = createWorld();
    const old = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const reader = await watchAll(world);
    const snapshot = await reader.next();
    expect(snapshot?.event).toBe("artworks.snapshot");
    expect((JSON.parse(snapshot?.data ?? "") as { data: { id: string }[] }).data[0]?.id).toBe(old.id);
    const one = await generate(world, { prompt: "a bear" });
    const other = await generate(world, { prompt: "a wolf" });
    await world.pass(10_000);
    const events = [];
    for (let count = 0; count < 10; count += 1) events.push(await reader.next());
    await reader.cancel();
    const ofOne = events.filter((event) => event?.data.includes(`"id":"${one.id}"`));
    const ofOther = events.filter((event) => event?.data.includes(`"id":"${other.id}"`));
    expect([ofOne.length, ofOther.length]).toEqual([5, 5]);
    expect([ofOne.at(-1)?.event, ofOther.at(-1)?.event]).toEqual(["artwork.completed", "artwork.completed"]);
    const ids = events.map((event) => Number(event?.id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(10);
  });

  it("after an id are those that came later, in as many readings as they need", async () => {
    const world = createWorld();
    const after = await position(world);
    for (let count = 0; count < 12; count += 1) await generate(world, { prompt: `fox ${count}` });
    await world.pass(15_000);
    const reader = await watchAll(world, after);
    const events = [];
    for (let count = 0; count < 60; count += 1) events.push(await reader.next());
    await reader.cancel();
    expect(events.filter((event) => event?.event === "artwork.completed")).toHaveLength(12);
    expect(new Set(events.map((event) => event?.id)).size).toBe(60);
  });

  it("send a deletion with the id alone", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const after = await position(world);
    await world.call("DELETE", `/api/artworks/${id}`);
    const reader = await watchAll(world, after);
    const event = await reader.next();
    await reader.cancel();
    expect(event?.event).toBe("artwork.deleted");
    expect(JSON.parse(event?.data ?? "")).toEqual({ id, object: "artwork", deleted: true });
  });

  it("begin with a snapshot again for who was away longer than they are kept", async () => {
    const world = createWorld();
    const after = await position(world);
    await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await world.clock.advance(8 * DAY);
    await generate(world, { prompt: "a bear" });
    await sweep(world.deps);
    const reader = await watchAll(world, after);
    expect((await reader.next())?.event).toBe("artworks.snapshot");
    await reader.cancel();
    const { results } = await env.DB.prepare("select type from feed").all();
    expect(results.map((row) => row["type"])).toEqual(["artwork.queued"]);
  });

  it("never get a position again that was removed", async () => {
    const world = createWorld();
    await generate(world, { prompt: "a fox" });
    const after = Number(await position(world));
    await env.DB.exec("delete from feed");
    await generate(world, { prompt: "a bear" });
    expect(Number(await position(world))).toBeGreaterThan(after);
  });

  it("are read without walking through a table", async () => {
    const world = createWorld();
    await generate(world, { prompt: "a fox" });
    world.queries.reset();
    const reader = await watchAll(world, "0");
    await reader.next();
    await reader.cancel();
    expect(world.queries.trips.length).toBeGreaterThan(0);
    expect(await slowSteps(world.queries.trips)).toEqual([]);
  });

  it("are nobody's who has no key", async () => {
    const world = createWorld();
    const response = await world.call("GET", "/api/events", { headers: { Authorization: "" } });
    expect(response.status).toBe(401);
  });
});
