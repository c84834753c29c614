/** Bursts as large as the provider's limits matter for; the fast tests play smaller ones. */
import { describe, expect, it } from "vitest";
import { MINUTE } from "../../src/lib/time.ts";
import { DOCUMENTED_CREATE_LIMIT, DOCUMENTED_LIMITS } from "../../src/simulator/simulator.ts";
import { generate, statusOf } from "../support/expect.ts";
import { createWorld } from "../support/harness.ts";
import type { World } from "../support/harness.ts";

const generateMany = (world: World, count: number, prompt: string) =>
  Promise.all(Array.from({ length: count }, (_, index) => generate(world, { prompt: `${prompt} ${index}` })));

describe("a burst", () => {
  it("of three hundred completes, and the provider refuses none", { timeout: 120_000 }, async () => {
    const world = createWorld({ simulator: { createLimit: DOCUMENTED_CREATE_LIMIT } });
    const artworks = await generateMany(world, 300, "a fox");

    await world.pass(4 * MINUTE);

    const ends = await Promise.all(artworks.map(({ id }) => statusOf(world, id)));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(world.simulator.creates()).toBe(300);
    expect(world.simulator.refused).toEqual([]);
    const times = world.simulator.tasks.map((task) => task.createdAt);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(190_000);
  });

  it("of sixty polls in turns, and the provider refuses no poll", { timeout: 120_000 }, async () => {
    const world = createWorld({ simulator: DOCUMENTED_LIMITS });
    await generateMany(world, 60, "a fox [sim:slow=300] [sim:no-callback]");

    await world.pass(4 * MINUTE);

    const reads = world.simulator.tasks.reduce((sum, task) => sum + task.readsOfStatus, 0);
    expect(reads).toBeGreaterThan(500);
    expect(world.simulator.refusedReads()).toBe(0);
  });
});
