import { describe, expect, it } from "vitest";
import type { MediaStore } from "../../../src/domain/ports/media-store.ts";
import type { TaskReport } from "../../../src/domain/ports/provider.ts";
import { bytesOf, generate, sha256, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A world whose media store ends the calling process the first `times` times. */
function createDyingWorld(deaths: number) {
  let begun = 0;
  const dying =
    (copy: MediaStore["copy"]): MediaStore["copy"] =>
    async (...call) => {
      begun += 1;
      if (begun <= deaths) throw new Error("the process has no memory left");
      return await copy(...call);
    };
  const world = createWorld({
    deps: ({ mediaStore }) => ({ mediaStore: { ...mediaStore, copy: dying(mediaStore.copy) } }),
  });
  return { world, begun: () => begun };
}

describe("a copy that ends its process", () => {
  it("every time fails with a reason after a bounded number of tries", async () => {
    const { world, begun } = createDyingWorld(Infinity);
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(2 * HOUR);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      status: "failed",
      error: { code: "result_unusable", message: expect.stringContaining("broke down every time") },
    });
    expect(begun()).toBe(12);
  });

  it("for half an hour is finished after that", async () => {
    const { world } = createDyingWorld(9);
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(HOUR);
    const { status, outputs } = await statusOf(world, artwork.id);
    expect(status).toBe("completed");
    expect(await sha256(await bytesOf(world, outputs[0]!))).toBe(world.simulator.tasks[0]?.sha256[0]);
  });
});

describe("a copy that was put before its process died", () => {
  it("is reused when the bucket is unreadable for longer than copies are retried", async () => {
    let hasDied = false;
    const world = createWorld({
      deps: ({ mediaStore }) => ({
        mediaStore: {
          ...mediaStore,
          copy: async (...call) => {
            const result = await mediaStore.copy(...call);
            if (hasDied) return result;
            hasDied = true;
            throw new Error("the process has no memory left");
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    await world.clock.advance(3_000);
    await world.settle();
    expect(hasDied).toBe(true);
    await world.clock.advance(25 * HOUR);
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });
});

describe("a dead link while the provider does not answer", () => {
  it("does not fail before the provider can give another one", async () => {
    let isSilent = false;
    const silent: TaskReport = { state: "unseen", reason: "code 401" };
    const world = createWorld({
      deps: ({ providers }) => ({
        providers: {
          ...providers,
          poll: async (...call) => (isSilent ? silent : await providers.poll(...call)),
          refresh: async () => null,
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox [sim:link-expired]" });
    await world.pass(3_500);
    isSilent = true;
    await world.pass(30 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "storing" });
    isSilent = false;
    await world.pass(10 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });
});
