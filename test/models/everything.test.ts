import { describe, expect, it } from "vitest";
import { MODELS } from "../../src/models/index.ts";
import type { Model } from "../../src/models/model.ts";
import { bytesOf, generate, read, sha256, statusOf } from "../support/expect.ts";
import type { ArtworkBody, GenerationBody, OutputBody, ProblemBody } from "../support/expect.ts";
import { createWorld } from "../support/harness.ts";
import type { World } from "../support/harness.ts";

interface Ended extends GenerationBody {
  readonly kind: string;
  readonly missing: readonly { readonly position: number; readonly reason: string }[];
}

const named = MODELS.map((model): [string, Model] => [model.id, model]);

/** Long enough for a task, its copies and their pauses after a dead link. */
const LONG = 5 * 60_000;

const hashesOf = async (world: World, outputs: readonly OutputBody[]) =>
  await Promise.all(outputs.map(async (output) => await sha256(await bytesOf(world, output))));

async function finished(world: World, body: Record<string, unknown>): Promise<Ended> {
  const artwork = await generate(world, body);
  await world.pass(LONG);
  return (await statusOf(world, artwork.id)) as Ended;
}

describe.each(named)("%s", (id, model) => {
  it("turns a request into the provider's bytes with one create call", async () => {
    const world = createWorld();

    const generation = await finished(world, { ...model.example, model: id });

    const [task] = world.simulator.tasks;
    expect(generation).toMatchObject({ status: "completed", kind: model.kind, missing: [], error: null });
    expect(generation.outputs.every(({ contentType }) => contentType.startsWith(`${model.kind}/`))).toBe(
      true,
    );
    expect(await hashesOf(world, generation.outputs)).toStrictEqual(task?.sha256);
    expect(generation.outputs.map((output) => output.sha256)).toStrictEqual(task?.sha256);
    expect(world.simulator.creates()).toBe(1);
  });
});

describe("a request for several variants", () => {
  it("keeps the others when one is missing, and names the missing one", async () => {
    const world = createWorld();

    const generation = await finished(world, {
      model: "bytedance/seedream-v4-text-to-image",
      prompt: "kites [sim:variant-missing=1]",
      variants: 4,
    });

    const digests = world.simulator.tasks[0]?.sha256 ?? [];
    expect(generation).toMatchObject({
      status: "completed",
      missing: [{ position: 1, reason: "result_lost" }],
    });
    expect(await hashesOf(world, generation.outputs)).toStrictEqual(digests.toSpliced(1, 1));
  });

  it("fails when all are missing", async () => {
    const world = createWorld();

    const generation = await finished(world, {
      model: "gpt-4o-image",
      prompt: "kites [sim:link-gone]",
      variants: 2,
    });

    expect(generation).toMatchObject({
      status: "failed",
      error: { code: "result_lost" },
      outputs: [],
      missing: [
        { position: 0, reason: "result_lost" },
        { position: 1, reason: "result_lost" },
      ],
    });
  });
});

describe("kie:<market id>", () => {
  const allowed = () =>
    createWorld({ deps: ({ settings }) => ({ settings: { ...settings, allowAnyModel: true } }) });

  it.each([
    ["kie:ideogram/v3-text-to-image", {}, "image"],
    ["kie:wan/2-5-text-to-video", { duration: "5" }, "video"],
  ])("%s with %j makes a result of kind %s where the operator allows it", async (model, input, kind) => {
    const world = allowed();

    const artwork = await generate(world, { model, prompt: "a red fox", input });
    await world.pass(LONG);

    const ended = await read<ArtworkBody & { kind: string }>(world, `/api/artworks/${artwork.id}`);
    expect(ended).toMatchObject({ status: "ready", kind, generation: { kind, status: "completed" } });
    expect(ended.generation.credits.estimated).toBeNull();
    expect(world.simulator.tasks[0]?.body).toMatchObject({
      model: model.replace("kie:", ""),
      input: { prompt: "a red fox", ...input },
    });
    expect(await hashesOf(world, ended.outputs)).toStrictEqual(world.simulator.tasks[0]?.sha256);
  });

  it("is unknown where the operator does not allow it", async () => {
    const world = createWorld();
    const id = "kie:ideogram/v3-text-to-image";
    const body = { model: id, prompt: "a red fox", fallbackModels: ["veo3", id] };

    const response = await world.call("POST", "/api/artworks/generate", { body });

    expect(response.status).toBe(422);
    expect((await response.json<ProblemBody>()).errors).toMatchObject([
      { path: "model", code: "unknown_model" },
      { path: "fallbackModels.1", code: "unknown_model" },
    ]);
    expect(world.simulator.creates()).toBe(0);
  });
});

describe("a model with a retirement date", () => {
  const RETIRES_AT = "2027-01-01T00:00:00Z";

  function worldAt(time: string, replacement: string | null): World {
    return createWorld({
      deps: () => ({
        now: () => Date.parse(time),
        models: MODELS.slice(0, 1).map((model) =>
          Object.assign({}, model, { retiresAt: RETIRES_AT, replacement }),
        ),
      }),
    });
  }

  it("is refused from that moment, with the name of its successor, before any write", async () => {
    const world = worldAt(RETIRES_AT, "veo3");

    const body = { prompt: "a red fox", aspectRatio: "not checked any more" };
    const response = await world.call("POST", "/api/artworks/generate", { body });

    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      detail: "flux-kontext-pro was retired on 2027-01-01. Use veo3 instead.",
      error: { code: "model_retired" },
    });
    expect(world.queries.trips).toStrictEqual([]);
  });

  it("is accepted until then", async () => {
    const world = worldAt("2026-12-31T23:59:59.999Z", null);

    const response = await world.call("POST", "/api/artworks/generate", { body: { prompt: "a red fox" } });

    expect(response.status).toBe(202);
  });
});

describe("GET /api/models", () => {
  it("lists every model with its entry, and finds one by an id with a slash", async () => {
    const world = createWorld();

    const list = await read<{ data: { id: string }[] }>(world, "/api/models");
    const one = await read<Record<string, unknown>>(world, "/api/models/nano-banana-pro");
    const slashed = await read<Record<string, unknown>>(world, "/api/models/flux-2/pro-image-to-image");

    expect(list.data.map(({ id }) => id)).toStrictEqual(MODELS.map(({ id }) => id));
    expect(one).toMatchObject({
      kind: "image",
      credits: 18,
      creditsByOption: [{ when: { resolution: ["4K"] }, credits: 24 }],
      limits: { prompt: 10_000, images: 8, imagesMinimum: 0 },
      deadlineSeconds: 900,
      notice: null,
    });
    expect(slashed).toMatchObject({ limits: { imagesMinimum: 1, images: 8 } });
  });

  it("finds one by its alias", async () => {
    const model = await read<Record<string, unknown>>(createWorld(), "/api/models/sora-2");

    expect(model["id"]).toBe("sora-2-text-to-video");
  });
});
