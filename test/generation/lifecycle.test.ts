import { describe, expect, it } from "vitest";
import { bytesOf, generate, sha256, statusOf, timelineOf } from "../expect.ts";
import { createWorld } from "../harness.ts";

describe("a generation that goes well", () => {
  it("ends with the bytes that the upstream made in the bucket", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a red fox", outputFormat: "png" });
    await world.pass(10_000);
    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "completed", terminal: true, error: null });
    const [output] = generation.outputs;
    expect(output).toMatchObject({ contentType: "image/png", width: 256, height: 256 });
    expect(await sha256(await bytesOf(world, output!))).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(output!.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(await timelineOf(world, artwork.id)).toEqual([
      "artwork.queued",
      "artwork.submitting",
      "artwork.processing",
      "artwork.storing",
      "artwork.completed",
    ]);
    expect(world.simulator.creates()).toBe(1);
  });
});
