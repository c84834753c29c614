import { afterEach, describe, expect, it, vi } from "vitest";
import { generate, GOOD_LIFE, readProblem } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { readEvents, summariesOf } from "../../support/watch.ts";

afterEach(() => vi.useRealTimers());

const watch = async (world: World, id: string, after?: string) =>
  readEvents(
    await world.call("GET", `/api/artworks/${id}/events`, {
      headers: after === undefined ? {} : { "Last-Event-ID": after },
    }),
  );

const numbers = (events: readonly { id?: string | undefined }[]) => events.flatMap(({ id }) => id ?? []);

describe("an artwork's events", () => {
  it("begin with a snapshot whose id is the newest sequence, go on as things happen and end with the end", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const reader = await watch(world, id);
    const rest = reader.rest();
    await world.pass(10_000);
    expect(summariesOf(await rest).filter((event) => !event.includes("progress"))).toEqual([
      "1 artwork.snapshot queued",
      expect.stringMatching(/^2 artwork.submitting /),
      expect.stringMatching(/^3 artwork.processing /),
      expect.stringMatching(/^4 artwork.storing /),
      "5 artwork.completed completed",
    ]);
  });

  it("carry the artwork as every other way of asking shows it", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const [snapshot] = await (await watch(world, id)).rest();
    const artwork: ArtworkBody = await (await world.call("GET", `/api/artworks/${id}`)).json();
    expect(JSON.parse(snapshot?.data ?? "")).toEqual(artwork);
    expect(artwork.outputs).toHaveLength(1);
  });

  it("after an id are those that came later, without a snapshot", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    expect(summariesOf(await (await watch(world, id, "3")).rest())).toEqual([
      "4 artwork.storing completed",
      "5 artwork.completed completed",
    ]);
  });

  it("after 0 are the whole history", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const events = await (await watch(world, id, "0")).rest();
    expect(events.map(({ event }) => event)).toEqual(GOOD_LIFE);
  });

  it("take the id in the query too, from those who cannot set the header", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const response = await world.call("GET", `/api/artworks/${id}/events?lastEventId=4`);
    expect(summariesOf(await readEvents(response).rest())).toEqual(["5 artwork.completed completed"]);
  });

  it.each([["a word"], ["999"], ["-1"]])(
    "after an id that is none of its own (%s) begin anew",
    async (after) => {
      const world = createWorld();
      const { id } = await generate(world, { prompt: "a fox" });
      await world.pass(10_000);
      expect(summariesOf(await (await watch(world, id, after)).rest())).toEqual([
        "5 artwork.snapshot completed",
      ]);
    },
  );

  it("are over for a reader that has them all: 204, which stops a browser from coming back", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const response = await world.call("GET", `/api/artworks/${id}/events`, {
      headers: { "Last-Event-ID": "5" },
    });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("go on through a regenerate, in one sequence", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await world.call("POST", `/api/artworks/${id}/regenerate`);
    const rest = (await watch(world, id, "4")).rest();
    await world.pass(10_000);
    expect(numbers(await rest)).toEqual(["5", "6", "7", "8", "9", "10"]);
  });

  it("are missed by nobody who reads at any pace: each reader has every one once", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const readers = await Promise.all(Array.from({ length: 10 }, () => watch(world, id)));
    const all = Promise.all(readers.map((reader) => reader.rest()));
    await world.pass(10_000);
    for (const events of await all) expect(numbers(events)).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("end when the artwork is deleted", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    const reader = await watch(world, id);
    await reader.next();
    const rest = reader.rest();
    await world.call("DELETE", `/api/artworks/${id}`);
    await world.settle();
    expect(numbers(await rest)).toEqual([]);
  });

  it("send progress between events, without an id of its own", async () => {
    const world = createWorld({ simulator: { taskMs: 60_000 } });
    const { id } = await generate(world, { prompt: "a fox", model: "gpt-4o-image" });
    const rest = (await watch(world, id)).rest();
    await world.pass(120_000);
    const progress = (await rest).filter(({ event }) => event === "artwork.progress");
    expect(progress.length).toBeGreaterThan(0);
    expect(numbers(progress)).toEqual([]);
  });

  it("read nothing while nothing happens", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    const reader = await watch(world, id);
    await reader.next();
    world.queries.reset();
    await world.clock.advance(10 * 60_000);
    expect(world.queries.trips).toEqual([]);
    await reader.cancel();
  });

  it("are pings where nothing happens for 15 s, which no reader takes for an event", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const response = await world.call("GET", `/api/artworks/${id}/events`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => (await reader.read()).value;
    expect(await read()).toBe("retry: 1000\n\n");
    expect(await read()).toMatch(/^event: artwork.snapshot\nid: 3\ndata: \{/);
    await vi.advanceTimersByTimeAsync(14_999);
    const next = read();
    await vi.advanceTimersByTimeAsync(1);
    expect(await next).toBe(": ping\n\n");
    await reader.cancel();
  });

  it("of somebody else's artwork, or of none, are 404", async () => {
    const world = createWorld();
    const response = await world.call("GET", "/api/artworks/art_0/events");
    expect(response.status).toBe(404);
    expect((await readProblem(response)).error.code).toBe("not_found");
  });

  it("are neither cached nor buffered on the way", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const response = await world.call("GET", `/api/artworks/${id}/events`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    await response.body?.cancel();
  });

  it("by a plain request to the socket's path are 426", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const response = await world.call("GET", `/api/artworks/${id}/ws`);
    expect([response.status, response.headers.get("Upgrade")]).toEqual([426, "websocket"]);
  });
});

describe("a listener that is lost", () => {
  it("is replaced, and what happened meanwhile is read from the table", async () => {
    const received: string[] = [];
    const world = createWorld({
      deps: (base) => ({
        actors: {
          ...base.actors,
          listen: async (artworkId) => {
            const signal = await base.actors.listen(artworkId);
            received.push(artworkId);
            // The first three sockets drop as soon as they are listened to.
            return received.length > 3 ? signal : { ...signal, next: async () => "lost" };
          },
        },
      }),
    });
    const { id } = await generate(world, { prompt: "a fox" });
    const rest = (await watch(world, id)).rest();
    await world.pass(10_000);
    expect(numbers(await rest)).toEqual(["1", "2", "3", "4", "5"]);
    expect(received.length).toBeGreaterThan(3);
  });
});
