import { describe, expect, it } from "vitest";
import { SECOND } from "../../../src/lib/time.ts";
import { generate, read } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { DOCUMENTED_LIMITS } from "../../../src/simulator/simulator.ts";

const generateMany = (world: World, count: number, prompt: string) =>
  Promise.all(Array.from({ length: count }, (_, index) => generate(world, { prompt: `${prompt} ${index}` })));

const statuses = async (world: World): Promise<string[]> => {
  const { data } = await read<{ data: ArtworkBody[] }>(world, "/api/artworks?limit=20");
  return data.map(({ generation }) => generation?.status ?? "none");
};

describe("polls, limited by the provider to ten a second", () => {
  it("of jobs that ended together are repeated within seconds after a rate limit", async () => {
    const world = createWorld({ simulator: DOCUMENTED_LIMITS });
    await generateMany(world, 20, "a fox [sim:slow=200]");

    await world.pass(208 * SECOND);

    expect(world.simulator.refusedReads()).toBeGreaterThan(0);
    expect(await statuses(world)).toEqual(Array.from({ length: 20 }, () => "completed"));
  });
});
