import { describe, expect, it } from "vitest";
import { advance } from "../../../src/domain/lifecycle/advance.ts";
import { newestGeneration } from "../../../src/domain/artworks/queries.ts";
import { sweep } from "../../../src/domain/sweep.ts";
import type { Deps } from "../../../src/domain/deps.ts";
import { GOOD_LIFE, bytesOf, generate, sha256, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const MINUTE = 60_000;

/** A provider whose create call reaches the provider, after which the process dies before it can record the answer. */
const dyingAfterCreate = (base: Deps): Partial<Deps> => {
  let deaths = 0;
  const submit: Deps["providers"]["submit"] = async (...call) => {
    const outcome = await base.providers.submit(...call);
    deaths += 1;
    if (deaths === 1) throw new Error("the process died");
    return outcome;
  };
  return { providers: { ...base.providers, submit } };
};

const withoutCallbacks = (base: Deps): Partial<Deps> => ({
  settings: { ...base.settings, providerIsPrivate: false },
});

describe("a generation that goes well", () => {
  it("ends with the very bytes that the provider made in the bucket, after one create", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a red fox", outputFormat: "png" });
    await world.pass(10_000);
    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "completed", terminal: true, error: null, progress: 1 });
    const output = generation.outputs[0]!;
    expect(output).toMatchObject({ contentType: "image/png", width: 256, height: 256 });
    expect(await sha256(await bytesOf(world, output))).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(output.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(await timelineOf(world, artwork.id)).toEqual(GOOD_LIFE);
    expect(world.simulator.creates()).toBe(1);
  });

  it("is finished by looking when no callback ever comes", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a red fox [sim:no-callback]" });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.simulator.tasks[0]?.callbacks).toHaveLength(0);
    expect(world.simulator.tasks[0]?.readsOfStatus).toBe(1);
  });

  it("does not ask a public provider to call an address that it cannot reach", async () => {
    const world = createWorld({ deps: withoutCallbacks });
    await generate(world, { prompt: "a red fox" });
    await world.settle();
    expect(world.simulator.tasks[0]?.body).not.toHaveProperty("callBackUrl");
  });

  it("goes on looking while the record is not visible yet, unreadable or rate-limited", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:no-callback] [sim:record-null=1] [sim:status-500=2] [sim:status-429=1]";
    const artwork = await generate(world, { prompt });
    await world.pass(3 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("takes a state that nobody knows as still running, and says so in the log", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback] [sim:unknown-state]" });
    await world.pass(2 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.logs).toContainEqual(
      expect.objectContaining({ event: "provider.unknown_state", word: "successFlag 7" }),
    );
  });
});

describe("a create call", () => {
  it.each(["create-500-after-accept", "create-html-502", "create-drop", "create-no-task-id"])(
    "whose outcome is unknown (%s) is never made again, and its callback brings the result in",
    async (scenario) => {
      const world = createWorld();
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
      await world.pass(MINUTE);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
      expect(world.simulator.creates()).toBe(1);
    },
  );

  it("whose outcome stays unknown ends as outcome_unknown at the deadline, and says that it may be billed", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:create-drop] [sim:no-callback]" });
    await world.pass(14 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "submitting", terminal: false });
    await world.pass(2 * MINUTE);
    const { status, error } = await statusOf(world, artwork.id);
    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "outcome_unknown", retryable: true });
    expect(error?.message).toContain("may have been billed");
    expect(world.simulator.creates()).toBe(1);
  });

  it("is not repeated when the process dies before its answer is recorded", async () => {
    const world = createWorld({ deps: dyingAfterCreate });
    const artwork = await generate(world, { prompt: "a fox [sim:callback-late=180]" });
    await world.pass(10 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.simulator.creates()).toBe(1);
    expect(await timelineOf(world, artwork.id)).toContain("generation.outcome_unknown");
  });

  it("is made once when two wakings take the same step at once", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    const row = (await newestGeneration(world.deps, "root", artwork.id))!;
    await Promise.all([advance(world.deps, row), advance(world.deps, row), world.settle()]);
    expect(world.simulator.creates()).toBe(1);
  });

  it.each([
    ["create-401", "provider_key_invalid"],
    ["create-402", "provider_credits_exhausted"],
    ["create-402-as-500", "provider_credits_exhausted"],
    ["create-404", "model_unavailable"],
    ["create-422", "invalid_input_upstream"],
    ["create-451", "input_unreachable"],
    ["create-500-validation", "invalid_input_upstream"],
    ["create-505", "model_unavailable"],
    ["create-paused", "model_unavailable"],
  ])("that is refused (%s) fails at once as %s", async (scenario, code) => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
    await world.settle();
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "failed", error: { code } });
    expect(world.simulator.creates()).toBe(0);
  });

  it.each(["create-429=2", "create-455=2", "create-550=2", "create-429=2] [sim:code-as-string"])(
    "that is told to come back later (%s) is queued and made later, once",
    async (scenario) => {
      const world = createWorld();
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
      await world.settle();
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "queued", submittedAt: null });
      await world.pass(5 * MINUTE);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
      expect(world.simulator.creates()).toBe(1);
    },
  );
});

describe("the deadline", () => {
  it("fails a job that never ends, at its time and not before", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox [sim:stuck]", deadlineSeconds: 120 });
    await world.pass(119_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "processing" });
    await world.pass(2_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      status: "failed",
      error: { code: "timed_out" },
    });
  });

  it.each(["callback-late=600", "no-callback"])(
    "is not the end of what was paid: a late result is still taken in (%s)",
    async (marker) => {
      const world = createWorld();
      const artwork = await generate(world, {
        prompt: `a fox [sim:slow=300] [sim:${marker}]`,
        deadlineSeconds: 60,
      });
      await world.pass(2 * MINUTE);
      expect(await statusOf(world, artwork.id)).toMatchObject({
        status: "failed",
        error: { code: "timed_out" },
      });
      await world.pass(60 * MINUTE);
      const generation = await statusOf(world, artwork.id);
      expect(generation).toMatchObject({ status: "completed", error: null });
      expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
      expect((await timelineOf(world, artwork.id)).slice(-3)).toEqual([
        "artwork.failed",
        "artwork.storing",
        "artwork.completed",
      ]);
    },
  );

  it("takes in such a result although the first status read after its callback is refused", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:create-drop] [sim:callback-late=1200] [sim:status-500=2]";
    const artwork = await generate(world, { prompt, deadlineSeconds: 60 });
    await world.pass(60 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("takes in the result of an unknown outcome whose callback comes after it", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:create-drop] [sim:callback-late=1200]";
    const artwork = await generate(world, { prompt, deadlineSeconds: 60 });
    await world.pass(2 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ error: { code: "outcome_unknown" } });
    await world.pass(20 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.simulator.creates()).toBe(1);
  });
});

describe("a task that fails after it was accepted", () => {
  it.each([
    ["fail-400", "content_policy", false],
    ["fail-451", "input_unreachable", false],
    ["fail-422-media", "input_unreachable", false],
    ["fail-500", "provider_error", true],
    ["fail-501", "provider_error", true],
    ["success-no-url", "no_result", true],
  ])("(%s) ends as %s", async (scenario, code, retryable) => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
    await world.pass(MINUTE);
    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "failed", outputs: [], error: { code, retryable } });
  });
});

describe("the sweep", () => {
  it("wakes an actor whose wake never arrived", async () => {
    const woken: string[] = [];
    const world = createWorld({
      deps: (base) => ({ actors: { ...base.actors, wake: async (id) => void woken.push(id) } }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    woken.length = 0;
    await world.clock.advance(20_000);
    await sweep(world.deps);
    expect(woken).not.toContain(artwork.id);
    await world.clock.advance(20_000);
    await sweep(world.deps);
    expect(woken).toContain(artwork.id);
  });
});

describe("cancel", () => {
  it("before the provider had the job costs nothing", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    const response = await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      generation: { status: "canceled", terminal: true },
      cancellation: { mayBeBilled: false },
    });
    await world.pass(MINUTE);
    expect(world.simulator.creates()).toBe(0);
  });

  it("is final: the result that still comes is noted and not stored", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    const response = await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    expect(await response.json()).toMatchObject({ cancellation: { mayBeBilled: true } });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "canceled", outputs: [] });
    expect((await timelineOf(world, artwork.id)).at(-1)).toBe("generation.news_after_cancel");
  });

  it("of what has ended is refused with 409, and of what is canceled changes nothing", async () => {
    const world = createWorld();
    const ended = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    expect((await world.call("POST", `/api/artworks/${ended.id}/cancel`)).status).toBe(409);
    const running = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.call("POST", `/api/artworks/${running.id}/cancel`);
    const events = await timelineOf(world, running.id);
    expect((await world.call("POST", `/api/artworks/${running.id}/cancel`)).status).toBe(202);
    expect(await timelineOf(world, running.id)).toEqual(events);
  });
});
