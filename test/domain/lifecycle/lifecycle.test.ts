import { describe, expect, it } from "vitest";
import { advance } from "../../../src/domain/lifecycle/advance.ts";
import { newestGeneration } from "../../../src/domain/artworks/queries.ts";
import { sweep } from "../../../src/domain/sweep.ts";
import type { Deps } from "../../../src/domain/deps.ts";
import { GOOD_LIFE, bytesOf, generate, sha256, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const MINUTE = 60_000;

/** A provider after whose create call the process dies, before the answer is recorded. */
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

describe("a successful generation", () => {
  it("stores the provider's bytes in the bucket after one create call", async () => {
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

  it("completes by polling when no callback arrives", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a red fox [sim:no-callback]" });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.simulator.tasks[0]?.callbacks).toHaveLength(0);
    expect(world.simulator.tasks[0]?.readsOfStatus).toBe(1);
  });

  it("sends no callback URL that a public provider cannot reach", async () => {
    const world = createWorld({ deps: withoutCallbacks });
    await generate(world, { prompt: "a red fox" });
    await world.settle();
    expect(world.simulator.tasks[0]?.body).not.toHaveProperty("callBackUrl");
  });

  it("keeps polling while the record is missing, unreadable or rate-limited", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:no-callback] [sim:record-null=1] [sim:status-500=2] [sim:status-429=1]";
    const artwork = await generate(world, { prompt });
    await world.pass(3 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("treats an unknown state as running and logs it", async () => {
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
    "with an unknown outcome (%s) is never repeated, and its callback completes the generation",
    async (scenario) => {
      const world = createWorld();
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
      await world.pass(MINUTE);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
      expect(world.simulator.creates()).toBe(1);
    },
  );

  it("with an unknown outcome ends as outcome_unknown at the deadline, and says that it may be billed", async () => {
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

  it("is made once when two runs take the same step at the same time", async () => {
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
    "that the provider postpones (%s) is queued and later made once",
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
  it("fails an endless job at its time and not before", async () => {
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
    "does not discard a paid job: a late result is still stored (%s)",
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

  it("stores a late result when the first poll after its callback fails", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:create-drop] [sim:callback-late=1200] [sim:status-500=2]";
    const artwork = await generate(world, { prompt, deadlineSeconds: 60 });
    await world.pass(60 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("stores the result of an unknown outcome when its callback arrives later", async () => {
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
  it("wakes an actor whose wake was lost", async () => {
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
  it("before the create call costs nothing", async () => {
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

  it("is final: a later result is recorded and not stored", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    const response = await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    expect(await response.json()).toMatchObject({ cancellation: { mayBeBilled: true } });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "canceled", outputs: [] });
    expect((await timelineOf(world, artwork.id)).at(-1)).toBe("generation.news_after_cancel");
  });

  it("of an ended generation is refused with 409, and of a canceled one changes nothing", async () => {
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
