import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { runArtwork } from "../../../src/domain/lifecycle/run-artwork.ts";
import { HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { generate, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

describe("a job that is canceled after it was sent", () => {
  it.each([SECOND, 10 * SECOND, 5 * MINUTE])(
    "reports its outcome without a callback when the cancel came after %i ms",
    async (after) => {
      const world = createWorld();
      const { id } = await generate(world, { prompt: "a fox [sim:slow=400] [sim:no-callback]" });
      await world.pass(after);
      await world.call("POST", `/api/artworks/${id}/cancel`);
      await world.pass(10 * HOUR);
      expect(await timelineOf(world, id)).toContain("generation.news_after_cancel");
      expect(await statusOf(world, id)).toMatchObject({ status: "canceled", outputs: [] });
    },
  );

  it("reports its outcome also when the create call is answered after the last step of the cancel", async () => {
    let id = "";
    const world: World = createWorld({
      deps: ({ providers }) => ({
        providers: {
          ...providers,
          submit: async (...call) => {
            const outcome = await providers.submit(...call);
            await world.call("POST", `/api/artworks/${id}/cancel`);
            await runArtwork(world.deps, id);
            return outcome;
          },
        },
      }),
    });
    ({ id } = await generate(world, { prompt: "a fox [sim:no-callback]" }));

    await world.pass(10 * HOUR);

    expect(await timelineOf(world, id)).toContain("generation.news_after_cancel");
    expect(await statusOf(world, id)).toMatchObject({ status: "canceled", outputs: [] });
  });

  it("leaves no bytes when its process dies between bytes and record", async () => {
    let id = "";
    const world: World = createWorld({
      deps: ({ mediaStore }) => ({
        mediaStore: {
          ...mediaStore,
          store: async (...call) => {
            await mediaStore.store(...call);
            await world.call("POST", `/api/artworks/${id}/cancel`);
            throw new Error("the process has no memory left");
          },
        },
      }),
    });
    ({ id } = await generate(world, { prompt: "a fox", model: "@cf/black-forest-labs/flux-1-schnell" }));
    await world.pass(HOUR);
    expect(await statusOf(world, id)).toMatchObject({ status: "canceled" });
    expect((await env.MEDIA.list({ prefix: `artworks/${id}/` })).objects).toEqual([]);
  });
});
