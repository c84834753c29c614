import { describe, expect, it } from "vitest";
import { bytesOf, generate, read, readProblem } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import {
  completedVideo,
  CRANE,
  createVideo,
  LONG,
  lastInput,
  postVideo,
  readVideo,
  videoOf,
} from "../../support/videos.ts";
import type { VideoBody } from "../../support/videos.ts";

const content = (world: World, id: string, query = "", headers: Record<string, string> = {}) =>
  world.call("GET", `/v1/videos/${id}/content${query}`, { headers });

const problemOf = async (response: Response) => {
  const { detail, error } = await readProblem(response);
  return [response.status, error.code, detail, response.headers.get("X-Should-Retry")];
};

describe("a video", () => {
  it("is answered at once, as what will really be made", async () => {
    const world = createWorld();
    const response = await postVideo(world, CRANE);
    const video = await response.clone().json<VideoBody>();
    expect(await videoOf(response)).toStrictEqual({
      id: expect.stringMatching(/^art_/),
      object: "video",
      model: "sora-2",
      status: "queued",
      progress: 0,
      created_at: Math.floor(world.clock.now() / 1_000),
      completed_at: null,
      expires_at: null,
      seconds: "10",
      size: "720x1280",
      prompt: CRANE.prompt,
      error: null,
      remixed_from_video_id: null,
    });
    expect(response.headers.get("Location")).toBe(`http://localhost:8787/v1/videos/${video.id}`);
    await world.pass(1_000);
    expect(lastInput(world)).toStrictEqual({ ...CRANE, aspect_ratio: "portrait", n_frames: "10" });
    expect(world.simulator.tasks[0]?.model).toBe("sora-2-text-to-video");
  });

  it("has its expiry in seconds, where results expire", async () => {
    const world = createWorld({ vars: { IMAGE_EXPIRATION: "3600" } });
    const { completed_at, expires_at } = await completedVideo(world);
    expect(expires_at).toBe((completed_at ?? 0) + 3_600);
  });

  it("goes from queued through in progress to completed, telling when to ask again until then", async () => {
    const world = createWorld();
    const { id } = await createVideo(world, CRANE);
    const seen: unknown[] = [];
    const poll = async () => {
      const response = await world.call("GET", `/v1/videos/${id}`);
      const pace = response.headers.get("openai-poll-after-ms");
      const { status, progress, completed_at } = await videoOf(response);
      seen.push([status, progress, completed_at === null, pace]);
    };
    await poll();
    await world.pass(1_000);
    await poll();
    await world.pass(LONG);
    await poll();
    expect(seen).toEqual([
      ["queued", 0, true, "5000"],
      ["in_progress", 0, true, "5000"],
      ["completed", 100, false, null],
    ]);
  });

  it("is named as it was asked for, and its own id when that was asked for", async () => {
    const world = createWorld();
    const pro = await createVideo(world, { ...CRANE, model: "sora-2-pro", size: "1792x1024", seconds: "12" });
    const kling = await createVideo(world, { ...CRANE, model: "kling-2.6/text-to-video", seconds: 8 });
    const veo = await createVideo(world, { ...CRANE, model: "veo3", seconds: "4", size: "1280x720" });
    expect([pro, kling, veo].map(({ model, seconds, size }) => [model, seconds, size])).toEqual([
      ["sora-2-pro", "15", "1792x1024"],
      ["kling-2.6/text-to-video", "10", "720x1280"],
      ["veo3", "8", "1280x720"],
    ]);
    await world.pass(1_000);
    expect(world.simulator.tasks.map(({ body }) => body["input"] ?? body)).toMatchObject([
      { aspect_ratio: "landscape", size: "high", n_frames: "15" },
      { aspect_ratio: "9:16", duration: "10", sound: false },
      { aspectRatio: "16:9", model: "veo3" },
    ]);
  });

  it("says why it failed, and that it was canceled", async () => {
    const world = createWorld();
    const failed = await completedVideo(world, { prompt: "a crane [sim:fail-400]" });
    expect(failed).toMatchObject({ status: "failed", error: { code: "content_policy" } });
    expect(failed.completed_at).toBeTypeOf("number");
    const { id } = await createVideo(world, { prompt: "a crane [sim:stuck]" });
    await world.call("POST", `/api/artworks/${id}/cancel`);
    expect(await readVideo(world, id)).toMatchObject({
      status: "failed",
      error: { code: "canceled", message: "The video was canceled." },
    });
  });

  it("of our own API is one too, with null for what was left to the provider", async () => {
    const world = createWorld();
    const artwork = await generate(world, { ...CRANE, model: "sora-2-text-to-video", aspectRatio: "16:9" });
    expect(await readVideo(world, artwork.id)).toMatchObject({
      model: "sora-2-text-to-video",
      size: "1280x720",
      seconds: null,
    });
  });

  it("is looked after when a reader finds it forgotten", async () => {
    const world = createWorld({
      deps: ({ actors }) => ({ actors: { ...actors, wake: async () => undefined } }),
    });
    const { id } = await createVideo(world, CRANE);
    const woken: string[] = [];
    const reader = createWorld({
      deps: ({ actors }) => ({
        now: () => world.clock.now() + 60_000,
        actors: { ...actors, wake: async (artworkId) => void woken.push(artworkId) },
      }),
    });
    await readVideo(reader, id);
    expect(woken).toEqual([id]);
  });

  it("needs a key", async () => {
    const world = createWorld();
    const headers = { Authorization: "Bearer wrong" };
    const response = await world.call("GET", "/v1/videos", { headers });
    expect((await readProblem(response)).error).toMatchObject({ type: "authentication_error" });
    expect(response.headers.get("Content-Type")).toBe("application/json");
  });

  it("is not found where it is an image, another owner's, deleted, or no id at all", async () => {
    const world = createWorld();
    const image = await generate(world, { prompt: "a fox" });
    const deleted = await createVideo(world, CRANE);
    await world.call("DELETE", `/v1/videos/${deleted.id}`);
    const foreign = await createVideo(world, CRANE);
    await world.deps.db.run(`update artworks set owner = 'somebody' where id = '${foreign.id}'`);
    for (const id of [image.id, deleted.id, foreign.id, "art_none", "video_123"]) {
      const answers = [
        await world.call("GET", `/v1/videos/${id}`),
        await world.call("DELETE", `/v1/videos/${id}`),
        await content(world, id),
        await world.call("POST", `/v1/videos/${id}/remix`, { body: CRANE }),
      ];
      const codes = await Promise.all(answers.map(async (answer) => (await readProblem(answer)).error.code));
      expect(codes).toEqual(["not_found", "not_found", "not_found", "not_found"]);
    }
    expect((await read<ArtworkBody>(world, `/api/artworks/${image.id}`)).id).toBe(image.id);
  });

  it("cannot be edited, continued or peopled, and says what can be done instead", async () => {
    const world = createWorld();
    const paths = ["edits", "extensions", "characters"];
    const answers = await Promise.all(
      paths.map((path) => world.call("POST", `/v1/videos/${path}`, { body: {} })),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await readProblem(answers[0]!)).detail).toContain("remix");
  });
});

describe("a video's content", () => {
  it("is the bytes that are kept, whole, in part, or not at all for who has them", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const { outputs } = await read<ArtworkBody>(world, `/api/artworks/${id}`);
    const bytes = await bytesOf(world, outputs[0]!);
    const whole = await content(world, id, "?variant=video");
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "video/mp4",
      "content-length": String(bytes.length),
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
    });
    const part = await content(world, id, "", { Range: "bytes=4-7" });
    expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([206, bytes.slice(4, 8)]);
    const known = await content(world, id, "", { "If-None-Match": whole.headers.get("ETag") ?? "" });
    expect(known.status).toBe(304);
    expect((await content(world, id, "", { Range: "bytes=999999999-" })).status).toBe(416);
  });

  it("is refused, for good, while there is none", async () => {
    const world = createWorld();
    const { id } = await createVideo(world, { prompt: "a crane [sim:fail-400]" });
    expect(await problemOf(await content(world, id))).toEqual([
      409,
      "video_not_completed",
      "This video is not completed yet. Ask for its status until it is.",
      "false",
    ]);
    await world.pass(LONG);
    const [status, code, detail] = await problemOf(await content(world, id));
    expect([status, code]).toEqual([409, "video_not_completed"]);
    expect(detail).toMatch(/^This video was never made. The provider refused/);
  });

  it("has no thumbnail and no spritesheet, and knows no other variant", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const [status, code, detail] = await problemOf(await content(world, id, "?variant=thumbnail"));
    expect([status, code]).toEqual([404, "not_found"]);
    expect(detail).toContain("No thumbnail");
    expect((await content(world, id, "?variant=spritesheet")).status).toBe(404);
    expect((await content(world, id, "?variant=poster")).status).toBe(400);
  });
});
