import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { runArtwork } from "../../../src/domain/lifecycle/run-artwork.ts";
import type { MediaStore } from "../../../src/domain/ports/media-store.ts";
import { HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const objectsOf = async (artworkId: string): Promise<string[]> => {
  const { objects } = await env.MEDIA.list({ prefix: `artworks/${artworkId}/` });
  return objects.map(({ key }) => key);
};

/** Lets other work continue for this many turns of the event loop. */
async function yieldTo(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

describe("copies of one generation", () => {
  it("never overlap with a later try of the same file, also when a sibling's try throws", async () => {
    const atOnce = { now: 0, most: 0 };
    const slowly = async (copy: () => ReturnType<MediaStore["copy"]>) => {
      atOnce.now += 1;
      atOnce.most = Math.max(atOnce.most, atOnce.now);
      await yieldTo(100);
      atOnce.now -= 1;
      return await copy();
    };
    const begun = new Map<string, number>();
    const world = createWorld({
      deps: ({ mediaStore }) => ({
        mediaStore: {
          ...mediaStore,
          find: async (stem) => {
            if (stem.endsWith("/0")) throw new Error("R2 is out of order");
            return await mediaStore.find(stem);
          },
          copy: async (url, stem, ...rest) => {
            const tries = (begun.get(stem) ?? 0) + 1;
            begun.set(stem, tries);
            if (tries === 1) return { ok: false, problem: "transient", reason: "HTTP 500" };
            return await slowly(() => mediaStore.copy(url, stem, ...rest));
          },
        },
      }),
    });
    const { id } = await generate(world, { prompt: "a fox", model: "gpt-4o-image", variants: 2 });

    await world.pass(HOUR);

    expect(atOnce.most).toBe(1);
    expect(await statusOf(world, id)).toMatchObject({
      status: "completed",
      missing: [{ position: 0, reason: "result_unusable" }],
    });
  });

  it("end when the bucket cannot be read for what a try has left", async () => {
    const world = createWorld({
      deps: ({ mediaStore }) => ({
        mediaStore: {
          ...mediaStore,
          copy: async (...call) => {
            await mediaStore.copy(...call);
            throw new Error("the process has no memory left");
          },
          find: () => Promise.reject(new Error("the process has no memory left")),
        },
      }),
    });
    const { id } = await generate(world, { prompt: "a fox" });

    await world.pass(2 * HOUR);

    expect(await statusOf(world, id)).toMatchObject({ terminal: true, error: { code: "result_unusable" } });
  });

  it.each(["DELETE", "POST"])(
    "leave nothing when they end after a delete or cancel of their artwork (%s)",
    async (method) => {
      const world = createWorld();
      const begun = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const held: MediaStore["copy"] = async (...call) => {
        begun.resolve();
        await released.promise;
        return await world.deps.mediaStore.copy(...call);
      };
      const { id } = await generate(world, { prompt: "a fox [sim:no-callback]" });
      await world.settle();
      await world.clock.advance(6 * SECOND);
      const elsewhere = runArtwork(
        { ...world.deps, mediaStore: { ...world.deps.mediaStore, copy: held } },
        id,
      );
      await begun.promise;

      const path = method === "POST" ? `/api/artworks/${id}/cancel` : `/api/artworks/${id}`;
      expect((await world.call(method, path)).ok).toBe(true);
      await world.pass(MINUTE);
      released.resolve();
      await elsewhere;

      expect(await objectsOf(id)).toEqual([]);
    },
  );
});
