import { describe, expect, it } from "vitest";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const MINUTE = 60_000;

/** A generation whose provider tells, so many times, a link that is none; and how often it was tried to copy. */
async function generationWithBadLinks(times: number) {
  let told = 0;
  const world = createWorld({
    network: (send) => async (url, init) => {
      const response = await send(url, init);
      if (!url.includes("/record-info")) return response;
      const text = await response.text();
      const link = /http:[^"]*\/results\/[^"]*/;
      if (link.test(text)) told += 1;
      return new Response(told > times ? text : text.replace(link, "no link"), response);
    },
  });
  const artwork = await generate(world, { prompt: "a fox" });
  await world.pass(10 * MINUTE);
  const copies = world.logs.filter((line) => line["event"] === "copy").length;
  return { generation: await statusOf(world, artwork.id), copies };
}

describe("a result whose link cannot be read", () => {
  it("is taken with a fresh one at the last of four tries", async () => {
    const { generation, copies } = await generationWithBadLinks(1);
    expect(generation).toMatchObject({ status: "completed", error: null });
    expect(copies).toBe(4);
  });

  it("says so when there is no better one", async () => {
    const { generation, copies } = await generationWithBadLinks(Infinity);
    expect(generation).toMatchObject({ status: "failed", error: { code: "result_unusable" } });
    expect(generation.error?.message).toContain("or its link cannot be followed");
    expect(copies).toBe(4);
  });
});
