import { describe, expect, it } from "vitest";
import { GOOD_LIFE, generate, statusOf, timelineOf } from "../expect.ts";
import { createWorld } from "../harness.ts";
import type { World } from "../harness.ts";

const MINUTE = 60_000;

const callbackUrls = (world: World): string[] =>
  world.simulator.tasks.map((task) => String(task.body["callBackUrl"]));

const callBack = (world: World, url: string, body: unknown): Promise<Response> => {
  const { pathname, search } = new URL(url);
  return world.call("POST", pathname + search, { body, headers: { Authorization: "" } });
};

describe("callbacks", () => {
  it("copy once when the callback comes twice at the same time", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback]" });
    await world.settle();
    await world.clock.advance(3_000);
    const [url = ""] = callbackUrls(world);
    const body = { code: 200, msg: "success", data: { taskId: world.simulator.tasks[0]?.id } };
    const answers = await Promise.all([callBack(world, url, body), callBack(world, url, body)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(await answers[0]?.json()).toEqual({ code: 200, msg: "success" });
    await world.settle();
    expect(await timelineOf(world, artwork.id)).toEqual(GOOD_LIFE);
    expect(world.logs.filter((line) => line["event"] === "copy")).toHaveLength(1);
  });

  it("finish a generation although they came before the answer to the create call", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-early]" });
    await world.settle();
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(await timelineOf(world, artwork.id)).toEqual(GOOD_LIFE);
    expect(world.simulator.creates()).toBe(1);
  });

  it("change nothing without the token, with a wrong one, or for a generation that does not exist", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback]" });
    await world.settle();
    const real = new URL(callbackUrls(world)[0] ?? "");
    const forged = [{ token: "" }, { token: "0".repeat(26) }, { generation: "gen_0" }].map((change) => {
      const url = new URL(real);
      Object.entries(change).forEach(([name, value]) => url.searchParams.set(name, value));
      return url.href;
    });
    const answers = await Promise.all(forged.map((url) => callBack(world, url, { data: { taskId: "x" } })));
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404]);
    const bodies = await Promise.all(
      answers.map((answer) => answer.json<{ detail: string; requestId: string }>()),
    );
    expect(new Set(bodies.map((body) => body.detail)).size).toBe(1);
    const reads = world.simulator.tasks[0]?.readsOfStatus;
    await world.settle();
    expect(world.simulator.tasks[0]?.readsOfStatus).toBe(reads);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "processing" });
  });

  it("are not believed: when one claims another URL, what the upstream's own status says is stored", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-wrong-url]" });
    await world.pass(10_000);
    const generation = await statusOf(world, artwork.id);
    expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(world.simulator.tasks[0]?.callbacks).toHaveLength(1);
  });

  it("of another task only make it look at its own", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-wrong-task]" });
    await world.pass(10_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("that say failure after success move nothing", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-out-of-order]" });
    await world.pass(MINUTE);
    expect(world.simulator.tasks[0]?.callbacks.length).toBeGreaterThan(1);
    expect(await timelineOf(world, artwork.id)).toEqual(GOOD_LIFE);
  });
});
