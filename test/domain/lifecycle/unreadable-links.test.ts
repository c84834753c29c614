import { describe, expect, it } from "vitest";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const MINUTE = 60_000;

/** Runs a generation whose provider reports an unreadable link this many times; counts the tries to copy. */
async function generationWithBadLinks(times: number) {
  let reports = 0;
  const world = createWorld({
    network: (send) => async (url, init) => {
      const response = await send(url, init);
      if (!url.includes("/record-info")) return response;
      const text = await response.text();
      const link = /http:[^"]*\/results\/[^"]*/;
      if (link.test(text)) reports += 1;
      return new Response(reports > times ? text : text.replace(link, "no link"), response);
    },
  });
  const artwork = await generate(world, { prompt: "a fox" });
  await world.pass(10 * MINUTE);
  const copies = world.logs.filter((line) => line["event"] === "copy").length;
  return { generation: await statusOf(world, artwork.id), copies };
}

describe("a result with an unreadable link", () => {
  it("is stored from a fresh link at the last of four tries", async () => {
    const { generation, copies } = await generationWithBadLinks(1);
    expect(generation).toMatchObject({ status: "completed", error: null });
    expect(copies).toBe(4);
  });

  it("fails with that reason when no readable link follows", async () => {
    const { generation, copies } = await generationWithBadLinks(Infinity);
    expect(generation).toMatchObject({ status: "failed", error: { code: "result_unusable" } });
    expect(generation.error?.message).toContain("or its link cannot be followed");
    expect(copies).toBe(4);
  });
});
