import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { describe, expect, it } from "vitest";
import { sweep } from "../../../src/domain/sweep.ts";
import type { UploadStore, PublishResult } from "../../../src/domain/ports/upload-host.ts";
import { readProblem, sha256, statusOf, timelineOf } from "../../support/expect.ts";
import * as images from "../../support/fixtures/images.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { gatedDatabase } from "../../proof/gated-database.ts";
import type { Gate } from "../../proof/process.ts";
import { createFetchingWorld, edit, sentImage, upload } from "../../support/upload.ts";

const DAY = 24 * 3_600_000;
const PUBLIC_URL = "https://images.example/a.png";

const tryEdit = (world: World, ids: readonly string[]) =>
  world.call("POST", "/api/artworks/generate", { body: { prompt: "make it night", images: ids } });

/** An upload store that returns these results in turn, and repeats the last one. */
const publishing =
  (...results: readonly PublishResult[]) =>
  ({ uploadStore }: { uploadStore: UploadStore }) => {
    let calls = 0;
    const publish = async () => results[Math.min(calls++, results.length - 1)]!;
    return { uploadStore: { ...uploadStore, publish } };
  };

const TRANSIENT = { ok: false, problem: "transient", reason: "a test" } as const;
const LINKED = { ok: true, url: PUBLIC_URL, milliseconds: null } as const;

describe("an uploaded image", () => {
  it("is edited with one create call, whose body names a URL of the same bytes", async () => {
    const world = createFetchingWorld();
    const bytes = await images.jpeg();
    const { id, url } = await upload(world, bytes);
    const artwork = await edit(world, [id]);
    expect(artwork.generation.input["inputImage"]).toBe(id);
    await world.pass(10_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      status: "completed",
      input: { inputImage: id },
    });
    expect(world.simulator.tasks.map((task) => task.body["inputImage"])).toStrictEqual([url]);
    expect(await sentImage(world)).toStrictEqual({ url, sha256: await sha256(bytes) });
  });

  it("is inherited by a regenerate", async () => {
    const world = createFetchingWorld();
    const { id, url } = await upload(world, await images.png());
    const artwork = await edit(world, [id]);
    await world.pass(10_000);
    await world.clock.advance(6 * DAY);
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`);
    await world.pass(10_000);
    await world.clock.advance(6 * DAY);
    await sweep(world.deps);
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`);
    await world.pass(10_000);
    expect(world.simulator.tasks.map((task) => task.body["inputImage"])).toStrictEqual([url, url, url]);
  });

  it("that is unknown, foreign or expired is refused with its position, and nothing is recorded", async () => {
    const world = createWorld();
    const foreign = await upload(world, await images.png());
    await env.DB.prepare("update uploads set owner = 'somebody' where id = ?").bind(foreign.id).run();
    const expired = await upload(world, await images.png());
    await world.clock.advance(7 * DAY);
    const problems = await Promise.all(
      ["upl_none", foreign.id, expired.id].map(async (id) => readProblem(await tryEdit(world, [id]))),
    );
    expect(problems.map(({ status, errors }) => [status, errors])).toStrictEqual(
      [1, 2, 3].map(() => [
        422,
        [
          {
            path: "images.0",
            message: "names no upload of yours, or one that has expired",
            code: "unknown_upload",
          },
        ],
      ]),
    );
  });

  it("is reported together with every other bad field", async () => {
    const world = createWorld();
    const body = { prompt: "", images: ["upl_none", "ftp://x"], aspectRatio: "wide" };
    const response = await world.call("POST", "/api/artworks/generate", { body });
    const paths = (await readProblem(response)).errors.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["prompt", "aspectRatio", "images.0"]));
  });

  it("mixes with URLs in a list and keeps the order", async () => {
    const world = createFetchingWorld();
    const { id, url } = await upload(world, await images.png());
    await edit(world, [PUBLIC_URL, id], { model: "google/nano-banana-edit" });
    await world.settle();
    expect(world.simulator.tasks[0]?.body["input"]).toMatchObject({ image_urls: [PUBLIC_URL, url] });
  });

  it("may be a mask, for a model that takes one", async () => {
    const world = createFetchingWorld();
    const [image, mask] = [
      await upload(world, await images.png()),
      await upload(world, await images.png("b")),
    ];
    await edit(world, [image.id], { model: "gpt-4o-image", mask: mask.id });
    await world.settle();
    expect(world.simulator.tasks[0]?.body).toMatchObject({ filesUrl: [image.url], maskUrl: mask.url });
    const body = { prompt: "x", images: [image.id], mask: "upl_none", model: "gpt-4o-image" };
    const unknown = await world.call("POST", "/api/artworks/generate", { body });
    expect((await readProblem(unknown)).errors).toMatchObject([{ path: "mask", code: "unknown_upload" }]);
    const other = await world.call("POST", "/api/artworks/generate", { body: { ...body, model: "z-image" } });
    const { errors } = await readProblem(other);
    expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(["images", "mask"]));
  });

  it("in a format that the model or its fallback does not accept is refused with its position", async () => {
    const world = createWorld();
    const { id } = await upload(world, images.bmp());
    const body = { prompt: "make it night", images: [PUBLIC_URL, id], model: "google/nano-banana-edit" };
    const response = await world.call("POST", "/api/artworks/generate", { body });
    const message = "is image/bmp; must be one of image/jpeg, image/png, image/webp";
    const { errors } = await readProblem(response);
    expect(errors).toStrictEqual([{ path: "images.1", message, code: "invalid_type" }]);
    const fallback = { prompt: "make it night", images: [id], fallbackModels: ["google/nano-banana-edit"] };
    const second = await world.call("POST", "/api/artworks/generate", { body: fallback });
    expect((await readProblem(second)).errors).toMatchObject([{ path: "fallbackModels.0", code: "unfit" }]);
  });

  it("is sent to the fallback model too", async () => {
    const world = createFetchingWorld();
    const { id, url } = await upload(world, await images.png());
    const prompt = "make it night [sim:create-505=1]";
    const artwork = await edit(world, [id], { prompt, fallbackModels: ["google/nano-banana-edit"] });
    await world.pass(60_000);
    expect((await statusOf(world, artwork.id)).status).toBe("completed");
    expect(world.simulator.tasks.map((task) => task.body["input"])).toMatchObject([{ image_urls: [url] }]);
  });

  it("is not accepted under the provider's field name", async () => {
    const world = createWorld();
    const { id } = await upload(world, await images.png());
    const body = { prompt: "make it night", input: { inputImage: id } };
    const response = await world.call("POST", "/api/artworks/generate", { body });
    expect((await readProblem(response)).errors).toMatchObject([{ path: "input.inputImage" }]);
  });

  it("that the provider cannot fetch fails as input_unreachable", async () => {
    const world = createWorld({ simulator: { fetchInput: async () => new Response(null, { status: 403 }) } });
    const artwork = await edit(world, [(await upload(world, await images.png())).id]);
    await world.pass(10_000);
    expect((await statusOf(world, artwork.id)).error?.code).toBe("input_unreachable");
    expect(world.simulator.creates()).toBe(0);
  });
});

/**
 * Uploads an image to a world whose database fails to insert it: `before` the write, or `after`, so that only the
 * answer is lost. Returns the answer's status, and how many objects and rows were added.
 */
async function uploadWhile(phase: "before" | "after", readsFail = false) {
  let isBroken = false;
  const gate: Gate = async (point, act) => {
    if (point === "db read" && isBroken && readsFail) throw new Error("D1 is out of order");
    if (point !== "db insert uploads") return await act();
    isBroken = true;
    if (phase === "after") await act();
    throw new Error("D1 is out of order");
  };
  const count = async () => {
    const { objects } = await env.MEDIA.list({ prefix: "uploads/" });
    const rows = await env.DB.prepare("select count(*) as rows from uploads").first<number>("rows");
    return { objects: objects.length, rows: rows ?? 0 };
  };
  const world = createWorld({ deps: () => ({ db: drizzle(gatedDatabase(env.DB, gate)) }) });
  const earlier = await count();
  const { status } = await world.call("POST", "/api/uploads", { body: await images.png() });
  const { objects, rows } = await count();
  return { status, objects: objects - earlier.objects, rows: rows - earlier.rows, logs: world.logs };
}

describe("an upload whose row cannot be written", () => {
  it("leaves no bytes behind", async () => {
    expect(await uploadWhile("before")).toMatchObject({ status: 500, objects: 0, rows: 0 });
  });

  it("is kept when the row was written and only the answer was lost", async () => {
    expect(await uploadWhile("after")).toMatchObject({ status: 201, objects: 1, rows: 1 });
  });

  it("keeps its bytes and logs a line when the database cannot confirm the row", async () => {
    const { logs, ...rest } = await uploadWhile("after", true);
    expect(rest).toEqual({ status: 500, objects: 1, rows: 1 });
    expect(logs).toContainEqual(expect.objectContaining({ event: "upload.left_behind" }));
  });
});

describe("linking an upload at submit", () => {
  it("that was deleted meanwhile fails before any call", async () => {
    const world = createWorld();
    const { id } = await upload(world, await images.png());
    const artwork = await edit(world, [id]);
    await world.call("DELETE", `/api/uploads/${id}`);
    await world.pass(10_000);
    const { error, submittedAt } = await statusOf(world, artwork.id);
    expect([error?.code, submittedAt]).toEqual(["input_unreachable", null]);
    expect([world.simulator.creates(), world.simulator.refused.length]).toEqual([0, 0]);
  });

  it("whose bytes are gone fails before any call", async () => {
    const world = createWorld();
    const { id } = await upload(world, await images.png());
    const artwork = await edit(world, [id]);
    await env.MEDIA.delete(`uploads/${id}.png`);
    await world.pass(10_000);
    expect((await statusOf(world, artwork.id)).error?.code).toBe("input_unreachable");
    expect(world.simulator.creates()).toBe(0);
  });

  it("stays queued during transient failures and then continues", async () => {
    const world = createWorld({ deps: publishing(TRANSIENT, TRANSIENT, TRANSIENT, LINKED) });
    const artwork = await edit(world, [(await upload(world, await images.png())).id]);
    await world.settle();
    expect((await statusOf(world, artwork.id)).status).toBe("queued");
    await world.pass(30_000);
    expect((await statusOf(world, artwork.id)).status).toBe("completed");
    expect(world.simulator.tasks.map((task) => task.body["inputImage"])).toStrictEqual([PUBLIC_URL]);
    expect(await timelineOf(world, artwork.id)).not.toContain("artwork.failed");
  });

  it("that fails until the deadline ends with that reason and is never billed", async () => {
    const world = createWorld({ deps: publishing(TRANSIENT) });
    const { id } = await upload(world, await images.png());
    const artwork = await edit(world, [id], { deadlineSeconds: 60 });
    await world.pass(61_000);
    expect((await statusOf(world, artwork.id)).error?.code).toBe("input_unreachable");
    expect(world.simulator.creates()).toBe(0);
  });

  it("is not reported as the cause when it succeeded and the provider was busy until the deadline", async () => {
    const world = createWorld({ deps: publishing(TRANSIENT, TRANSIENT, LINKED) });
    const { id } = await upload(world, await images.png());
    const prompt = "make it night [sim:create-455=100]";
    const artwork = await edit(world, [id], { prompt, deadlineSeconds: 60 });
    await world.pass(61_000);
    expect((await statusOf(world, artwork.id)).error?.code).toBe("timed_out");
  });
});

describe("unused uploads", () => {
  it("are removed with their bytes seven days after their last use", async () => {
    const world = createWorld();
    const unused = await upload(world, await images.png());
    const used = await upload(world, await images.png());
    await world.clock.advance(DAY);
    await edit(world, [used.id]);
    await world.clock.advance(6 * DAY - 1);
    await sweep(world.deps);
    expect((await world.call("GET", `/api/uploads/${unused.id}`)).status).toBe(200);
    await world.clock.advance(1);
    await sweep(world.deps);
    expect((await world.call("GET", `/api/uploads/${unused.id}`)).status).toBe(404);
    expect((await world.send(new Request(unused.url))).status).toBe(404);
    expect((await world.send(new Request(used.url))).status).toBe(200);
    const left = await env.DB.prepare("select id from uploads where id in (?, ?)")
      .bind(unused.id, used.id)
      .all<{ id: string }>();
    expect(left.results).toEqual([{ id: used.id }]);
  });

  it("are removed again when the bucket refused the first time", async () => {
    let refusals = 1;
    const world = createWorld({
      deps: ({ uploadStore }) => ({
        uploadStore: {
          ...uploadStore,
          remove: async (keys) => {
            refusals -= 1;
            if (refusals >= 0) throw new Error("a test");
            await uploadStore.remove(keys);
          },
        },
      }),
    });
    const { url } = await upload(world, await images.png());
    await world.clock.advance(7 * DAY);
    await sweep(world.deps);
    expect(world.logs).toContainEqual(expect.objectContaining({ event: "sweep.failed" }));
    expect((await world.send(new Request(url))).status).toBe(200);
    await sweep(world.deps);
    expect((await world.send(new Request(url))).status).toBe(404);
  });
});
