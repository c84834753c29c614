import { describe, expect, it } from "vitest";
import { MODELS } from "../../../src/models/index.ts";
import { generate, read, statusOf, timelineOf } from "../../support/expect.ts";
import type { ArtworkBody, GenerationBody, ProblemBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

const MINUTE = 60_000;
const PRO = "flux-kontext-pro";
const MAX = "flux-kontext-max";
const BANANA = "google/nano-banana";

interface WithAttempts extends GenerationBody {
  readonly attempts: readonly {
    readonly number: number;
    readonly model: string;
    readonly error: { readonly code: string };
  }[];
}

/** The simulator reads markers from each create call's prompt, so only the first model fails. */
const failingFirst = (scenario: string) =>
  createWorld({
    deps: (base) => ({
      providers: {
        ...base.providers,
        submit: (job, log) => {
          const prompt =
            job.model === PRO ? `${String(job.input["prompt"])} [sim:${scenario}]` : job.input["prompt"];
          return base.providers.submit({ ...job, input: { ...job.input, prompt } }, log);
        },
      },
    }),
  });

const ask = (world: World, body: Record<string, unknown> = {}) =>
  generate(world, { prompt: "a fox", model: PRO, fallbackModels: [MAX, BANANA], ...body });

const modelsOf = (world: World): string[] => world.simulator.tasks.map((task) => task.model);

describe("a fallback model", () => {
  it.each([
    ["create-505", "model_unavailable"],
    ["create-paused", "model_unavailable"],
    ["create-404", "model_unavailable"],
    ["create-455", "model_unavailable"],
    ["create-550", "model_unavailable"],
    ["fail-500", "provider_error"],
    ["fail-501", "provider_error"],
  ])("takes over after %s", async (scenario, code) => {
    const world = failingFirst(scenario);
    const artwork = await ask(world);
    await world.pass(MINUTE);
    const generation = await read<WithAttempts>(world, `/api/artworks/${artwork.id}/generation-status`);
    expect(generation).toMatchObject({
      status: "completed",
      model: MAX,
      error: null,
      credits: { estimated: 10 },
    });
    expect(generation.attempts).toMatchObject([{ number: 1, model: PRO, error: { code } }]);
    expect(modelsOf(world).filter((model) => model === MAX)).toHaveLength(1);
    expect(await read<ArtworkBody>(world, `/api/artworks/${artwork.id}`)).toMatchObject({ model: MAX });
  });

  it("of another family takes over when the one before it fails too", async () => {
    const world = createWorld();
    const artwork = await ask(world, { prompt: "a fox [sim:create-505=2]" });
    await world.pass(MINUTE);
    const generation = await read<WithAttempts>(world, `/api/artworks/${artwork.id}/generation-status`);
    expect(generation).toMatchObject({ status: "completed", model: BANANA });
    expect(generation.attempts.map((attempt) => attempt.model)).toEqual([PRO, MAX]);
    expect(world.simulator.creates()).toBe(1);
  });

  it.each([
    ["create-drop] [sim:no-callback", "outcome_unknown"],
    ["create-500-after-accept] [sim:no-callback", "outcome_unknown"],
    ["fail-400", "content_policy"],
    ["fail-451", "input_unreachable"],
    ["create-422", "invalid_input_upstream"],
    ["stuck", "timed_out"],
  ])("does not take over after %s", async (scenario, code) => {
    const world = failingFirst(scenario);
    const artwork = await ask(world);
    await world.pass(20 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      status: "failed",
      model: PRO,
      error: { code },
    });
    expect(modelsOf(world)).not.toContain(MAX);
  });

  it("ignores callbacks of the attempt before it", async () => {
    const world = failingFirst("fail-500] [sim:no-callback");
    const artwork = await ask(world, { fallbackModels: [MAX] });
    await world.pass(7_000);
    const [first, second] = world.simulator.tasks;
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "processing", model: MAX });
    const { pathname, search } = new URL(String(first?.body["callBackUrl"]));
    const late = await world.call("POST", pathname + search, { body: { data: { taskId: first?.id } } });
    expect(late.status).toBe(404);
    expect(second?.body["callBackUrl"]).not.toBe(first?.body["callBackUrl"]);
    await world.pass(MINUTE);
    expect((await statusOf(world, artwork.id)).outputs[0]?.sha256).toBe(second?.sha256[0]);
  });

  it("does not adopt the previous attempt's task when its own create call has no answer", async () => {
    const world = createWorld({
      deps: (base) => ({
        providers: {
          ...base.providers,
          submit: (job, log) => {
            const marker = job.model === PRO ? "[sim:fail-500]" : "[sim:create-drop] [sim:no-callback]";
            return base.providers.submit({ ...job, input: { ...job.input, prompt: `a fox ${marker}` } }, log);
          },
        },
      }),
    });
    const artwork = await ask(world, { fallbackModels: [MAX] });
    await world.pass(20 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      error: { code: "outcome_unknown" },
      outputs: [],
    });
    expect(world.simulator.creates()).toBe(2);
  });

  it("appears in the timeline, and a regenerate uses the first model again", async () => {
    const world = failingFirst("create-505");
    const artwork = await ask(world);
    await world.pass(MINUTE);
    expect((await timelineOf(world, artwork.id)).filter((type) => type === "artwork.queued")).toHaveLength(2);
    const response = await world.call("POST", `/api/artworks/${artwork.id}/regenerate`);
    expect(await response.json()).toMatchObject({ generation: { model: PRO, number: 2, attempts: [] } });
  });

  it("that still waits at a cancel does not hide the cost of the model before it", async () => {
    const world = createWorld({
      deps: (base) => ({
        providers: {
          ...base.providers,
          submit: (job, log) => {
            const marker = job.model === PRO ? "[sim:fail-500]" : "[sim:create-429=9]";
            return base.providers.submit({ ...job, input: { ...job.input, prompt: `a fox ${marker}` } }, log);
          },
        },
      }),
    });
    const artwork = await ask(world, { fallbackModels: [MAX] });
    await world.pass(8_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "queued", model: MAX });
    const response = await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    expect(await response.json()).toMatchObject({ cancellation: { mayBeBilled: true } });
  });

  it("is skipped when it is retired", async () => {
    const retired = MODELS.filter((model) => model.id === MAX).map((model) => ({
      ...model,
      retiresAt: "2020-01-01",
    }));
    const models = [...MODELS.filter((model) => model.id !== MAX), ...retired];
    const world = createWorld({ deps: () => ({ models }) });
    const artwork = await ask(world, { prompt: "a fox [sim:create-505=1]" });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", model: BANANA });
  });

  it.each([
    ["is unknown", { fallbackModels: ["nope"] }, "fallbackModels.0"],
    ["makes videos where the model makes images", { fallbackModels: [MAX, "veo3"] }, "fallbackModels.1"],
    [
      "cannot take the request",
      { fallbackModels: [BANANA], images: ["https://a.example/1.png"] },
      "fallbackModels.0",
    ],
    ["is the sixth", { fallbackModels: ["a", "b", "c", "d", "e", "f"] }, "fallbackModels"],
    ["is named twice", { fallbackModels: [MAX, MAX] }, "fallbackModels"],
  ])("that %s is refused with 422 before anything is paid", async (_case, body, path) => {
    const world = createWorld();
    const response = await world.call("POST", "/api/artworks/generate", {
      body: { prompt: "a fox", model: PRO, ...body },
    });
    expect(response.status).toBe(422);
    expect((await response.json<ProblemBody>()).errors.map((issue) => issue.path)).toEqual([path]);
    expect(world.simulator.creates()).toBe(0);
  });
});
