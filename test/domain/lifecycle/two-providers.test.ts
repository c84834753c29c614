import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createDeps } from "../../../src/compose/create-deps.ts";
import { generate, readProblem, statusOf } from "../../support/expect.ts";
import type { GenerationBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

const MINUTE = 60_000;
const SCHNELL = "@cf/black-forest-labs/flux-1-schnell";
const PRO = "flux-kontext-pro";

async function settled(world: World, body: Record<string, unknown> = {}): Promise<GenerationBody> {
  const artwork = await generate(world, { prompt: "a fox", model: SCHNELL, ...body });
  await world.settle();
  return await statusOf(world, artwork.id);
}

describe("two providers", () => {
  it.each([
    [PRO, SCHNELL, ["flux-kontext-pro", SCHNELL]],
    [SCHNELL, PRO, [SCHNELL, "flux-kontext-pro"]],
  ])("are fallbacks for each other: %s, then %s", async (model, fallback, models) => {
    const world = createWorld();
    const prompt = "a fox [sim:create-505=1]";
    const artwork = await generate(world, { prompt, model, fallbackModels: [fallback] });

    await world.pass(MINUTE);

    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "completed", model: models[1] });
    expect(world.simulator.creates()).toBe(1);
    expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
  });

  it.each([
    [SCHNELL, { KIE_API_KEY: "" }, PRO, "KIE_API_KEY"],
    [PRO, { CF_API_TOKEN: "" }, SCHNELL, "CF_API_TOKEN"],
  ])("work alone: %s with %o, while %s names the missing setting", async (model, vars, other, name) => {
    const world = createWorld({ vars });
    const artwork = await generate(world, { prompt: "a fox", model });
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });

    const refused = await world.call("POST", "/api/artworks/generate", {
      body: { prompt: "a fox", model: other },
    });
    const problem = await readProblem(refused);
    expect([problem.status, problem.error.code]).toEqual([503, "provider_not_configured"]);
    expect(problem.detail).toContain(name);

    const body = { prompt: "a fox", model, fallbackModels: [other] };
    const fallback = await readProblem(await world.call("POST", "/api/artworks/generate", { body }));
    expect(fallback.errors).toMatchObject([{ path: "fallbackModels.0", code: "provider_not_configured" }]);
    expect((await world.call("GET", "/api/health")).status).toBe(200);
  });

  it.each([
    [PRO, SCHNELL],
    [SCHNELL, PRO],
  ])(
    "are fallbacks for each other when the first one's key (%s) is refused, at once and later",
    async (model, other) => {
      const world = createWorld();
      const body = { model, fallbackModels: [other] };
      const first = await generate(world, { ...body, prompt: "a fox [sim:create-401=1]" });
      const second = await generate(world, { ...body, prompt: "a hare" });
      await world.pass(20_000);
      const third = await generate(world, { ...body, prompt: "a crow" });
      await world.pass(20_000);

      const ends = await Promise.all([first, second, third].map(({ id }) => statusOf(world, id)));
      expect(ends.map((end) => [end.status, end.model])).toEqual(
        Array.from({ length: 3 }, () => ["completed", other]),
      );
      expect(world.simulator.creates()).toBe(3);
    },
  );

  it.each([
    [{}, PRO],
    [{ KIE_API_KEY: "" }, PRO],
    [{ KIE_API_KEY: "", CF_ACCOUNT_ID: "a", CF_API_TOKEN: "t" }, SCHNELL],
    [{ CF_ACCOUNT_ID: "a", CF_API_TOKEN: "t" }, PRO],
    [{ KIE_API_KEY: "", CF_API_TOKEN: "t", KIE_DEFAULT_MODEL: "z-image" }, "z-image"],
  ])("with %o make %s where a request names no model", (vars, model) => {
    expect(createDeps({ ...env, ...vars }).settings.defaultModel).toBe(model);
  });

  it("do not take over after a content refusal", async () => {
    const world = createWorld();
    const prompt = "a fox [sim:fail-400]";
    const { id } = await generate(world, { prompt, model: SCHNELL, fallbackModels: [PRO] });
    await world.pass(MINUTE);

    expect(await statusOf(world, id)).toMatchObject({ model: SCHNELL, error: { code: "content_policy" } });
    expect(world.simulator.creates()).toBe(0);
  });

  it("have their keys disabled separately, with separate messages", async () => {
    const world = createWorld();
    await settled(world, { prompt: "a fox [sim:create-401]" });

    const refused = await world.call("POST", "/api/artworks/generate", {
      body: { prompt: "a fox", model: SCHNELL },
    });
    expect([refused.status, (await readProblem(refused)).detail]).toEqual([
      503,
      expect.stringContaining('permission "Workers AI"'),
    ]);
    expect(await world.call("GET", "/api/health").then((health) => health.json())).toMatchObject({
      components: { provider: { status: "ok" }, workersAi: { status: "down" } },
    });
    expect(await settled(world, { model: PRO })).toMatchObject({ status: "processing" });
    await world.pass(2 * MINUTE);
    expect(await settled(world)).toMatchObject({ status: "completed" });
  });

  it("get no request after a used-up allocation before the next one", async () => {
    const world = createWorld({ start: Date.parse("2026-11-24T23:40:00Z") });
    await settled(world, { prompt: "a fox [sim:create-402=1]" });

    await world.pass(19 * MINUTE);
    const early = await world.call("POST", "/api/artworks/generate", {
      body: { prompt: "a fox", model: SCHNELL },
    });
    await world.pass(3 * MINUTE);

    expect([early.status, (await readProblem(early)).error.code]).toEqual([
      503,
      "provider_credits_exhausted",
    ]);
    expect(await settled(world)).toMatchObject({ status: "completed" });
  });
});
