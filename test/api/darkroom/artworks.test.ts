import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { generate, read } from "../../support/expect.ts";
import type { ArtworkBody, ProblemBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

interface ListBody {
  readonly data: readonly ArtworkBody[];
  readonly hasMore: boolean;
  readonly lastId: string | null;
}

const rowCount = async (): Promise<number> =>
  (await env.DB.prepare("select count(*) as count from artworks").first<number>("count")) ?? 0;

const post = (world: World, body: unknown, headers: Record<string, string> = {}) =>
  world.call("POST", "/api/artworks/generate", { body, headers });

describe("generate", () => {
  it("answers 202 with the artwork, where to look, and a request id, after one batch of writes", async () => {
    const world = createWorld();
    world.queries.reset();
    const response = await post(world, { prompt: "a fox", title: "Fox", metadata: { album: 7 } });
    expect(world.queries.trips).toHaveLength(1);
    expect(response.status).toBe(202);
    const artwork = await response.json<ArtworkBody>();
    expect(response.headers.get("Location")).toBe(artwork.urls["status"]);
    expect(response.headers.get("X-Request-Id")).toMatch(/^[\w-]{8,}$/);
    expect(artwork).toMatchObject({
      object: "artwork",
      status: "draft",
      title: "Fox",
      metadata: { album: 7 },
      prompt: "a fox",
      model: "flux-kontext-pro",
      kind: "image",
      outputs: [],
      generation: {
        object: "generation",
        number: 1,
        status: "queued",
        terminal: false,
        credits: { estimated: 5, used: null },
      },
    });
    expect(artwork.id).toMatch(/^art_[0-9a-z]{36,}$/);
  });

  it("takes a model by another name that it has, but keeps and shows its id", async () => {
    const world = createWorld();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const first = await post(
      world,
      { prompt: "a fox", model: "sora-2", fallbackModels: ["sora-2-pro", "sora-2-pro-2025-10-06"] },
      key,
    );
    const byId = await post(
      world,
      { prompt: "a fox", model: "sora-2-text-to-video", fallbackModels: ["sora-2-pro-text-to-video"] },
      key,
    );
    const artwork = await first.json<ArtworkBody>();
    expect([first.status, byId.headers.get("Idempotent-Replayed")]).toEqual([202, "true"]);
    expect(artwork.model).toBe("sora-2-text-to-video");
    const row = await env.DB.prepare("select request from generations where id = ?")
      .bind(artwork.generation.id)
      .first<{ request: string }>();
    expect(JSON.parse(row?.request ?? "")).toStrictEqual({
      prompt: "a fox",
      model: "sora-2-text-to-video",
      fallbackModels: ["sora-2-pro-text-to-video"],
    });
  });

  it("holds the answer for Prefer: wait, and answers 200 when it ended in time", async () => {
    const world = createWorld();
    const answer = post(world, { prompt: "a fox" }, { Prefer: "respond-async, wait=30" });
    await until(() => world.simulator.creates() === 1, world);
    await world.pass(10_000);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get("Preference-Applied")).toBe("wait=30");
    expect(await response.json()).toMatchObject({ status: "ready", generation: { status: "completed" } });
  });

  it("answers 202 when Prefer: wait runs out", async () => {
    const world = createWorld();
    const answer = post(world, { prompt: "a fox [sim:stuck]" }, { Prefer: "wait=5" });
    await until(() => world.simulator.creates() === 1, world);
    await world.pass(10_000);
    expect((await answer).status).toBe(202);
  });

  it.each([
    ["no prompt", {}, ["prompt"]],
    ["an empty prompt", { prompt: "   " }, ["prompt"]],
    ["an over-long prompt", { prompt: "a".repeat(5_001) }, ["prompt"]],
    ["an unknown field", { prompt: "a", colour: "red" }, ["colour"]],
    ["an unknown model", { prompt: "a", model: "nope" }, ["model"]],
    ["a ratio that the model has not", { prompt: "a", aspectRatio: "5:4" }, ["aspectRatio"]],
    ["a format that the model has not", { prompt: "a", outputFormat: "webp" }, ["outputFormat"]],
    [
      "too many images",
      { prompt: "a", images: ["https://a.example/1.png", "https://a.example/2.png"] },
      ["images"],
    ],
    ["an image that is no URL", { prompt: "a", images: ["cat.png"] }, ["images"]],
    ["an image by ftp", { prompt: "a", images: ["ftp://a.example/1.png"] }, ["images"]],
    ["an image on a private address", { prompt: "a", images: ["https://10.0.0.1/1.png"] }, ["images"]],
    [
      "an image on this machine in odd spelling",
      { prompt: "a", images: ["https://0x7f.1/1.png"] },
      ["images"],
    ],
    [
      "a safety tolerance that an edit may not have",
      { prompt: "a", images: ["https://a.example/1.png"], input: { safetyTolerance: 3 } },
      ["input.safetyTolerance"],
    ],
    [
      "a safety tolerance out of range",
      { prompt: "a", input: { safetyTolerance: 7 } },
      ["input.safetyTolerance"],
    ],
    ["an unknown field of the model", { prompt: "a", input: { seed: 1 } }, ["input.seed"]],
    [
      "a field given twice",
      { prompt: "a", aspectRatio: "1:1", input: { aspectRatio: "1:1" } },
      ["aspectRatio"],
    ],
    ["more than one variant", { prompt: "a", variants: 2 }, ["variants"]],
    ["a deadline too short", { prompt: "a", deadlineSeconds: 9 }, ["deadlineSeconds"]],
    ["an unknown name that begins like a field that is missing", { "prompt.x": 1 }, ["prompt.x", "prompt"]],
    [
      "everything wrong at once",
      { prompt: "", x: 1, outputFormat: "gif", input: { safetyTolerance: 9 } },
      ["prompt", "x", "outputFormat", "input.safetyTolerance"],
    ],
    ["one image that is no list", { prompt: "a", images: "https://a.example/1.png" }, ["images"]],
    ["a list where a word belongs", { prompt: "a", model: [] }, ["model"]],
    ["a number beyond all bounds", { prompt: "a", variants: 1e308 }, ["variants"]],
  ])("refuses %s with 422 that names it, writes nothing and calls nobody", async (_case, body, paths) => {
    const world = createWorld();
    const before = await rowCount();
    const response = await post(world, body);
    expect(response.status).toBe(422);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = await response.json<ProblemBody>();
    expect(problem.errors.map((issue) => issue.path).toSorted()).toEqual(paths.toSorted());
    expect(problem.error).toMatchObject({
      type: "invalid_request_error",
      code: "invalid_fields",
      param: problem.errors[0]?.path,
    });
    await world.settle();
    expect(await rowCount()).toBe(before);
    expect([world.simulator.creates(), world.simulator.refused.length]).toEqual([0, 0]);
  });

  it.each([
    ["malformed JSON", '{"prompt":', {}, 400, "malformed_json"],
    [
      "another content type",
      "prompt=a",
      { "Content-Type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["a body over 1 MB", JSON.stringify({ prompt: "a".repeat(1_100_000) }), {}, 413, "body_too_large"],
    ["a body that is no object", "[1]", {}, 422, "invalid_fields"],
    [
      "a body nested too deep",
      `{"prompt":"a","metadata":${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}}`,
      {},
      422,
      "invalid_fields",
    ],
    ["a body that is not UTF-8", new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x7d]), {}, 400, "malformed_json"],
    ["a name with a dot in it", '{"prompt":"a","a.b":1}', {}, 422, "invalid_fields"],
  ])("refuses %s", async (_case, body, headers, status, code) => {
    const response = await post(createWorld(), body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, error: { code } });
  });

  it("answers 503 without a provider key, and records nothing", async () => {
    const world = createWorld({ vars: { KIE_API_KEY: "", CF_API_TOKEN: "" } });
    const before = await rowCount();
    const response = await post(world, { prompt: "a fox" });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "provider_not_configured" } });
    expect(await rowCount()).toBe(before);
  });
});

describe("the gallery", () => {
  it("lists newest first, page by page, without gap or repetition", async () => {
    const world = createWorld();
    const made = [
      await generate(world, { prompt: "1" }),
      await generate(world, { prompt: "2" }),
      await generate(world, { prompt: "3" }),
    ];
    const first = await read<ListBody>(world, "/api/artworks?limit=2");
    expect(first.data.map((artwork) => artwork.prompt)).toEqual(["3", "2"]);
    expect(first).toMatchObject({ hasMore: true, lastId: made[1]?.id });
    const second = await read<ListBody>(world, `/api/artworks?limit=1&after=${first.lastId}`);
    expect(second.data.map((artwork) => artwork.prompt)).toEqual(["1"]);
  });

  it("refuses a cursor that is no id of an artwork", async () => {
    const response = await createWorld().call("GET", "/api/artworks?after=yesterday");
    expect(response.status).toBe(422);
    expect((await response.json<ProblemBody>()).errors.map(({ path }) => path)).toEqual(["after"]);
  });

  it("filters by status and model", async () => {
    const world = createWorld();
    const failed = await generate(world, { prompt: "a [sim:fail-400]", model: "flux-kontext-max" });
    await world.pass(20_000);
    const { data } = await read<ListBody>(world, "/api/artworks?status=failed&model=flux-kontext-max");
    expect(data.map((artwork) => artwork.id)).toContain(failed.id);
    expect(data.every((artwork) => artwork.status === "failed")).toBe(true);
  });

  it("keeps its first page in KV, and shows every change at once all the same", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    const newest = async () => (await read<ListBody>(world, "/api/artworks")).data[0];
    expect(await newest()).toMatchObject({ id: artwork.id, status: "draft" });
    world.queries.reset();
    await newest();
    expect(world.queries.trips).toHaveLength(0);
    await world.pass(10_000);
    expect(await newest()).toMatchObject({ id: artwork.id, status: "ready" });
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    expect((await newest())?.id).not.toBe(artwork.id);
  });

  it.each(["limit=0", "limit=101", "limit=x", "status=done", "page=2"])(
    "refuses ?%s with 422",
    async (search) => {
      expect((await createWorld().call("GET", `/api/artworks?${search}`)).status).toBe(422);
    },
  );
});

describe("history", () => {
  it("shows every generation and every event, newest generation first", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`);
    await world.pass(10_000);
    const { data } = await read<{ data: { number: number; outputs: unknown[] }[] }>(
      world,
      `/api/artworks/${artwork.id}/generations`,
    );
    expect(data.map((generation) => [generation.number, generation.outputs.length])).toEqual([
      [2, 1],
      [1, 1],
    ]);
    const page = await read<{ data: { id: number }[]; hasMore: boolean; lastId: number }>(
      world,
      `/api/artworks/${artwork.id}/timeline?after=3&limit=4`,
    );
    expect(page.data.map((event) => event.id)).toEqual([4, 5, 6, 7]);
    expect(page).toMatchObject({ hasMore: true, lastId: 7 });
  });

  it.each(["", "/generation-status", "/generations", "/timeline"])(
    "of an unknown artwork is 404 at %s",
    async (path) => {
      const response = await createWorld().call("GET", `/api/artworks/art_unknown${path}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
    },
  );
});

/** Lets pending promises run until something is the case; takes due steps on the way. */
async function until(isSo: () => boolean, world: World): Promise<void> {
  for (let turn = 0; turn < 100 && !isSo(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await world.settle();
  }
}
