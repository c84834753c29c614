import { describe, expect, it } from "vitest";
import { HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { brokenDatabase } from "../../support/broken-database.ts";
import { GOOD_LIFE, generate, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import { readEvents, summariesOf } from "../../support/watch.ts";

const worldThatLoses = (move: string) =>
  createWorld({ deps: () => brokenDatabase(`db artwork.${move}`, [1], "after") });

describe("a transition whose answer from D1 is lost", () => {
  it.each(["submitting", "processing", "storing", "completed"])("(%s) continues at once", async (move) => {
    const world = worldThatLoses(move);
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10 * SECOND);
    expect(await statusOf(world, id)).toMatchObject({ status: "completed", error: null });
    expect(await timelineOf(world, id)).toEqual(GOOD_LIFE);
    expect(world.simulator.creates()).toBe(1);
    expect(world.heldSlots()).toEqual([]);
  });

  it("to failed releases the slot", async () => {
    const world = worldThatLoses("failed");
    await generate(world, { prompt: "a fox [sim:fail-400]", deadlineSeconds: 3_600 });
    await world.pass(MINUTE);
    expect(world.heldSlots()).toEqual([]);
  });

  it("to the end is published to watchers", async () => {
    const world = worldThatLoses("completed");
    const { id } = await generate(world, { prompt: "a fox" });
    const reader = readEvents(await world.call("GET", `/api/artworks/${id}/events`));
    await world.pass(MINUTE);
    const events = [];
    for (let event = await reader.next(); event !== null; event = await reader.next()) events.push(event);
    expect(summariesOf(events).at(-1)).toContain("completed");
  });
});

describe("a task id that D1 fails to write", () => {
  it("is written again for seconds, so that its result is not lost", async () => {
    const world = createWorld({
      deps: () => brokenDatabase("db artwork.processing", [1, 2, 3], "before"),
    });
    const { id } = await generate(world, { prompt: "a fox [sim:no-callback]" });
    await world.pass(HOUR);
    expect(await statusOf(world, id)).toMatchObject({ status: "completed", error: null });
    expect(world.simulator.creates()).toBe(1);
  });
});
