import { describe, expect, it } from "vitest";
import { GOOD_LIFE, generate, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

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

  it("complete a generation when they arrive before the answer to the create call", async () => {
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

  it("are verified: a generation stores the URL of the provider's status, not of the callback", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-wrong-url]" });
    await world.pass(10_000);
    const generation = await statusOf(world, artwork.id);
    expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(world.simulator.tasks[0]?.callbacks).toHaveLength(1);
  });

  it("of another task only trigger a poll of the own task", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-wrong-task]" });
    await world.pass(10_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("without a task id record the unknown outcome once", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback] [sim:create-html-502]" });
    await world.settle();
    const [url = ""] = callbackUrls(world);
    await callBack(world, url, { code: 200 });
    await world.pass(2_000);
    await callBack(world, url, { code: 200 });
    await world.pass(2_000);
    const timeline = await timelineOf(world, artwork.id);
    expect(timeline.filter((type) => type === "generation.outcome_unknown")).toHaveLength(1);
  });

  it("with another generation's task do not block the right one", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback] [sim:create-html-502]" });
    await world.settle();
    const [url = ""] = callbackUrls(world);
    await callBack(world, url, { code: 200, data: { taskId: "0123456789abcdef0123456789abcdef" } });
    await world.pass(5_000);
    await callBack(world, url, { code: 200, data: { taskId: world.simulator.tasks[0]?.id } });
    await world.pass(10_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });

  it.each(["", "[sim:status-429=1]", "[sim:record-null=1]", "[sim:status-500=1]"])(
    "complete a generation that a false refusal had failed, also when the first poll fails (%s)",
    async (marker) => {
      const world = createWorld({
        network: (send) => async (url, init) => {
          const answer = await send(url, init);
          const isCreate = init?.method === "POST" && url.includes("/generate");
          return isCreate ? Response.json({ code: 422, msg: "refused", data: null }) : answer;
        },
      });
      const artwork = await generate(world, { prompt: `a fox ${marker}` });
      await world.pass(10 * MINUTE);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
    },
  );

  it("complete a generation within a minute when the record shows links before its end", async () => {
    let reads = 0;
    const world = createWorld({
      network: (send) => async (url, init) => {
        const answer = await send(url, init);
        if (!url.includes("recordInfo")) return answer;
        const body = await answer.json<{ data: { state: string; resultJson: string } }>();
        if (body.data.state === "success" && (reads += 1) === 1) body.data.resultJson = "";
        return Response.json(body);
      },
    });
    const artwork = await generate(world, { prompt: "a fox", model: "google/nano-banana" });
    await world.pass(10_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ error: { code: "no_result" } });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });

  it("that report a failure after a success change nothing", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:callback-out-of-order]" });
    await world.pass(MINUTE);
    expect(world.simulator.tasks[0]?.callbacks.length).toBeGreaterThan(1);
    expect(await timelineOf(world, artwork.id)).toEqual(GOOD_LIFE);
  });
});
