import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { bytesOf, generate, read, sha256, statusOf } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

const MINUTE = 60_000;

const objectsOf = async (artworkId: string): Promise<string[]> => {
  const { objects } = await env.MEDIA.list({ prefix: `artworks/${artworkId}/` });
  return objects.map((object) => object.key);
};

const generationAfter = async (scenario: string, milliseconds: number) => {
  const world = createWorld();
  const artwork = await generate(world, { prompt: `a fox ${scenario}` });
  await world.pass(milliseconds);
  return { world, artwork, generation: await statusOf(world, artwork.id) };
};

describe("copying a result", () => {
  it.each([
    "[sim:link-404=2]",
    "[sim:link-500=3]",
    "[sim:link-expired]",
    "[sim:link-redirect]",
    "[sim:link-chunked]",
  ])("succeeds after %s", async (scenario) => {
    const { world, generation } = await generationAfter(scenario, 10 * MINUTE);
    expect(generation).toMatchObject({ status: "completed" });
    const output = generation.outputs[0]!;
    expect(await sha256(await bytesOf(world, output))).toBe(world.simulator.tasks[0]?.sha256[0]);
  });

  it.each([
    ["[sim:link-html]", "result_unusable"],
    ["[sim:link-empty]", "result_unusable"],
    ["[sim:link-text-as-png]", "result_unusable"],
    ["[sim:link-lying-length]", "result_unusable"],
    ["[sim:link-redirect-loop]", "result_unusable"],
    ["[sim:link-huge=65]", "result_unusable"],
    ["[sim:link-gone]", "result_lost"],
  ])("that is unusable (%s) fails as %s and leaves nothing in the bucket", async (scenario, code) => {
    const { artwork, generation } = await generationAfter(scenario, 10 * MINUTE);
    expect(generation).toMatchObject({ status: "failed", outputs: [], error: { code } });
    expect(await objectsOf(artwork.id)).toEqual([]);
  });

  it("fails at once at a redirect to a private address", async () => {
    const { world, generation } = await generationAfter("[sim:link-redirect-private]", 5_000);
    expect(generation).toMatchObject({ status: "failed", error: { code: "result_unusable" } });
    expect(generation.error?.message).toContain("an address that is not public");
    expect(world.logs.filter((line) => line["event"] === "copy")).toHaveLength(1);
  });

  it("streams a file of many parts and hashes all of them", async () => {
    const { world, generation } = await generationAfter("[sim:link-huge=20]", MINUTE);
    const output = generation.outputs[0]!;
    expect(output.bytes).toBe(20 * 1024 * 1024);
    expect(await sha256(await bytesOf(world, output))).toBe(output.sha256);
  });

  it("reuses the object that a dead process left in the bucket, without a second download", async () => {
    let deaths = 0;
    const world = createWorld({
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          copy: async (...order) => {
            const result = await base.mediaStore.copy(...order);
            deaths += 1;
            if (deaths === 1) throw new Error("the process died");
            return result;
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox [sim:no-callback]" });
    await world.pass(MINUTE);
    const generation = await statusOf(world, artwork.id);
    expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(deaths).toBe(1);
  });

  it.each([
    ["that comes after the deadline", "[sim:slow=60] [sim:link-404=2]", 10],
    ["whose copies died", "[sim:link-404=2]", 600],
  ])("succeeds when a link is dead for a while, of a result %s", async (_case, markers, deadlineSeconds) => {
    let deaths = 0;
    const world = createWorld({
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          copy: async (...order) => {
            deaths += 1;
            if (deaths <= 3) throw new Error("the process died");
            return await base.mediaStore.copy(...order);
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: `a fox ${markers}`, deadlineSeconds });
    await world.pass(10 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });

  it("retries while the bucket fails, and keeps the paid result", async () => {
    let refusals = 0;
    const world = createWorld({
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          copy: (...order) => {
            refusals += 1;
            if (refusals > 8) return base.mediaStore.copy(...order);
            return Promise.resolve({ ok: false, problem: "transient", reason: "R2 is down" });
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(60 * MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });
});

describe("cancel", () => {
  it("during a copy leaves no bytes behind", async () => {
    const canceling: (() => Promise<unknown>)[] = [];
    const world = createWorld({
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          copy: async (...order) => {
            const result = await base.mediaStore.copy(...order);
            await Promise.all(canceling.map((cancel) => cancel()));
            return result;
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    canceling.push(() => world.call("POST", `/api/artworks/${artwork.id}/cancel`));
    await world.pass(MINUTE);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "canceled", outputs: [] });
    expect(await objectsOf(artwork.id)).toEqual([]);
  });
});

describe("regenerate", () => {
  const regenerate = (world: World, artworkId: string, body?: unknown) =>
    world.call("POST", `/api/artworks/${artworkId}/regenerate`, body === undefined ? {} : { body });

  it("inherits the fields that the request omits, under a new number", async () => {
    const world = createWorld();
    const first = await generate(world, {
      prompt: "a fox",
      aspectRatio: "16:9",
      input: { promptUpsampling: true },
    });
    await world.pass(10_000);
    const response = await regenerate(world, first.id, { outputFormat: "png", title: "Fox" });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      id: first.id,
      title: "Fox",
      generation: {
        number: 2,
        input: { prompt: "a fox", aspectRatio: "16:9", outputFormat: "png", promptUpsampling: true },
      },
    });
    await world.pass(10_000);
    const artwork = await read<ArtworkBody>(world, `/api/artworks/${first.id}`);
    expect(artwork.outputs[0]?.url).toContain(`/artworks/${first.id}/2/0.png`);
    expect(await objectsOf(first.id)).toHaveLength(2);
  });

  it("is refused with 409 while a generation runs, also for the second of two simultaneous requests", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    expect((await regenerate(world, artwork.id)).status).toBe(409);
    await world.pass(10_000);
    const answers = await Promise.all([regenerate(world, artwork.id), regenerate(world, artwork.id)]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([202, 409]);
    await world.pass(10_000);
    expect(world.simulator.creates()).toBe(2);
  });

  it("replaces a value given under the other field name, and removes a value with null", async () => {
    const world = createWorld();
    const images = ["https://a.example/1.png"];
    const artwork = await generate(world, { prompt: "a fox", images, input: { aspectRatio: "16:9" } });
    await world.pass(10_000);
    const response = await regenerate(world, artwork.id, { aspectRatio: "1:1", images: null });
    const { generation } = await response.json<ArtworkBody>();
    expect(generation.input).toMatchObject({ aspectRatio: "1:1" });
    expect(generation.input).not.toHaveProperty("inputImage");
  });

  it("with another model drops the fields that the model does not accept", async () => {
    const world = createWorld();
    const artwork = await generate(world, {
      prompt: "a fox",
      outputFormat: "png",
      input: { uploadCn: true },
    });
    await world.pass(10_000);
    const response = await regenerate(world, artwork.id, { model: "z-image" });
    expect(response.status).toBe(202);
  });

  it("that fails keeps the artwork's previous result", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    await regenerate(world, artwork.id, { prompt: "a fox [sim:fail-400]" });
    await world.pass(10_000);
    const after = await read<ArtworkBody>(world, `/api/artworks/${artwork.id}`);
    expect(after).toMatchObject({ status: "ready", generation: { number: 2, status: "failed" } });
    expect(after.outputs[0]?.url).toContain("/1/0.jpg");
  });
});

describe("delete", () => {
  it("removes every object, row and link of the artwork", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const [output] = (await statusOf(world, artwork.id)).outputs;
    expect((await world.call("DELETE", `/api/artworks/${artwork.id}`)).status).toBe(204);
    expect(await objectsOf(artwork.id)).toEqual([]);
    expect((await world.call("GET", new URL(output!.url).pathname)).status).toBe(404);
    expect((await world.call("GET", `/api/artworks/${artwork.id}`)).status).toBe(404);
    await world.settle();
    const rows = env.DB.prepare(
      `select (select count(*) from artworks where id = ?1) + (select count(*) from generations where artwork_id = ?1)
            + (select count(*) from events where artwork_id = ?1) as count`,
    ).bind(artwork.id);
    expect(await rows.first("count")).toBe(0);
  });

  it("of a running artwork cancels it, and its late callback answers 404", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    expect((await world.call("DELETE", `/api/artworks/${artwork.id}`)).status).toBe(204);
    await world.pass(MINUTE);
    expect(world.simulator.tasks[0]?.callbacks.map((callback) => callback.status)).toContain(404);
    expect(await objectsOf(artwork.id)).toEqual([]);
  });

  it("is done when it arrives during a step that leaves nothing due", async () => {
    const removing: (() => Promise<unknown>)[] = [];
    const world = createWorld({
      deps: (base) => ({
        providers: {
          ...base.providers,
          poll: async (...task) => {
            const report = await base.providers.poll(...task);
            await Promise.all(removing.map((remove) => remove()));
            return report;
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.settle();
    await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    removing.push(() => world.call("DELETE", `/api/artworks/${artwork.id}`));
    await world.pass(MINUTE);
    const left = env.DB.prepare("select count(*) as count from artworks where id = ?").bind(artwork.id);
    expect(await left.first("count")).toBe(0);
  });

  it("during a copy leaves no bytes behind", async () => {
    const removing: (() => Promise<unknown>)[] = [];
    const world = createWorld({
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          copy: async (...order) => {
            await Promise.all(removing.map((remove) => remove()));
            return base.mediaStore.copy(...order);
          },
        },
      }),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    removing.push(() => world.call("DELETE", `/api/artworks/${artwork.id}`));
    await world.pass(MINUTE);
    expect(await objectsOf(artwork.id)).toEqual([]);
    expect((await world.call("DELETE", `/api/artworks/${artwork.id}`)).status).toBe(404);
  });
});
