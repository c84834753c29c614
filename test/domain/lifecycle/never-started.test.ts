import { describe, expect, it } from "vitest";
import { runArtwork } from "../../../src/domain/lifecycle/run-artwork.ts";
import { MINUTE, SECOND } from "../../../src/lib/time.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

describe("a job that is not started before its deadline", () => {
  it("is not started later, and releases its slot", async () => {
    const world: World = createWorld({
      deps: ({ startSlots }) => ({
        startSlots: {
          ...startSlots,
          ask: async (...call) => {
            await world.clock.advance(20 * SECOND);
            return await startSlots.ask(...call);
          },
        },
      }),
    });
    const { id } = await generate(world, { prompt: "a fox", deadlineSeconds: 10 });
    await world.pass(MINUTE);
    expect(await statusOf(world, id)).toMatchObject({
      submittedAt: null,
      error: { code: "timed_out", message: expect.stringContaining("nothing is billed") },
    });
    expect(world.simulator.creates()).toBe(0);
    expect(world.heldSlots()).toEqual([]);
  });

  it("does not report that nothing is billed when another model was tried before", async () => {
    const world = createWorld();
    const { id } = await generate(world, {
      prompt: "a fox [sim:fail-500@google/nano-banana] [sim:create-429=1000@flux-kontext-pro]",
      model: "google/nano-banana",
      fallbackModels: ["flux-kontext-pro"],
    });
    await world.pass(20 * MINUTE);
    const { error } = await statusOf(world, id);
    expect(error?.code).toBe("timed_out");
    expect(error?.message).toContain("what another one made of it before may have been billed");
  });

  it("because its keys were removed reports that, and no refused key", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const { providers } = world.deps;
    const keyless = (protocol: string) => ({ ...providers.of(protocol), credentialIds: async () => [] });
    await runArtwork({ ...world.deps, providers: { ...providers, of: keyless } }, id);
    expect(await statusOf(world, id)).toMatchObject({
      error: { code: "model_unavailable", message: expect.stringContaining("changed its models or keys") },
    });
  });
});
