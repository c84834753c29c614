import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { read, readProblem, sha256 } from "../../support/expect.ts";
import type { ArtworkBody, ProblemBody } from "../../support/expect.ts";
import { gif, jpeg, png, pngOf, bmp } from "../../support/fixtures/images.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { createFetchingWorld, upload } from "../../support/upload.ts";
import { CRANE, createVideo, lastInput, postForm, postVideo, videoOf } from "../../support/videos.ts";

const STUCK = "a crane [sim:stuck]";
const LINK = "https://example.com/clouds.png";

const fileOf = async (seed = "a") => new File([await png(seed)], "clouds.png", { type: "image/png" });

/** Statuses and bad fields of an answer. */
async function badFields(response: Response): Promise<[number, string, string[]]> {
  const { error, errors }: ProblemBody = await readProblem(response);
  return [response.status, error.code, errors.map(({ path }) => path)];
}

async function countUploads(): Promise<number> {
  const row = await env.DB.prepare("select count(*) as n from uploads").first<{ n: number }>();
  const { objects } = await env.MEDIA.list({ prefix: "uploads/" });
  expect(objects).toHaveLength(row?.n ?? 0);
  return objects.length;
}

/** The image that the provider was given, by its hash. */
async function sentImage(world: World): Promise<string> {
  const { image_urls: urls = [] } = lastInput(world) as { image_urls?: string[] };
  const response = await world.send(new Request(urls[0] ?? ""));
  return await sha256(new Uint8Array(await response.arrayBuffer()));
}

describe("a create call", () => {
  it("may be a form without a file", async () => {
    const world = createWorld();
    const fields = { prompt: "a crane", model: "sora-2", seconds: "12", size: "1280x720" };
    const video = await videoOf(await postForm(world, fields));
    expect(video).toMatchObject({ prompt: "a crane", seconds: "15", size: "1280x720" });
  });

  it("makes a video of the image in its form", async () => {
    const world = createFetchingWorld();
    const image = await jpeg("reference");
    const file = new File([image], "me.jpg", { type: "image/jpeg" });
    const video = await videoOf(await postForm(world, { ...CRANE, input_reference: file }));
    await world.pass(1_000);
    expect(world.simulator.tasks[0]?.model).toBe("sora-2-image-to-video");
    expect(await sentImage(world)).toBe(await sha256(image));
    expect(video.model).toBe("sora-2");
  });

  it.each([
    ["a URL", LINK],
    ["an object with a URL", { image_url: LINK }],
  ])("makes a video of an image that is %s", async (_name, input_reference) => {
    const world = createWorld();
    await createVideo(world, { ...CRANE, input_reference });
    await world.pass(1_000);
    expect(lastInput(world)).toMatchObject({ image_urls: [LINK] });
  });

  it("makes a video of an image that is uploaded, or in a data URL", async () => {
    const world = createFetchingWorld();
    const image = await png("uploaded");
    const { id } = await upload(world, image);
    const data = `data:image/png;base64,${image.toBase64()}`;
    for (const input_reference of [id, { file_id: id }, { image_url: data }]) {
      await createVideo(world, { ...CRANE, model: "veo3", input_reference });
      await world.pass(1_000);
      const { imageUrls } = world.simulator.tasks.at(-1)!.body as unknown as { imageUrls: string[] };
      const sent = await world.send(new Request(imageUrls[0] ?? ""));
      expect(await sha256(new Uint8Array(await sent.arrayBuffer()))).toBe(await sha256(image));
    }
  });

  it("takes the fields of an object as a form spells them", async () => {
    const world = createWorld();
    await videoOf(await postForm(world, { ...CRANE, "input_reference[image_url]": LINK }));
    await world.pass(1_000);
    expect(lastInput(world)).toMatchObject({ image_urls: [LINK] });
  });

  it("takes null for what is not given", async () => {
    const nothing = { model: null, seconds: null, size: null, input_reference: null };
    expect(await createVideo(createWorld(), { ...CRANE, ...nothing })).toMatchObject({ model: "sora-2" });
  });

  it("remembers in the artwork by which name it was asked for", async () => {
    const world = createWorld();
    const { id } = await createVideo(world, CRANE);
    const plain = await createVideo(world, { ...CRANE, model: "veo3" });
    const metadata = async (artworkId: string) =>
      (await read<ArtworkBody>(world, `/api/artworks/${artworkId}`)).metadata;
    expect([await metadata(id), await metadata(plain.id)]).toEqual([{ openai: { model: "sora-2" } }, {}]);
  });
});

describe("a bad create call", () => {
  it.each([
    [{}, ["prompt"]],
    [{ prompt: " ", seconds: "30", size: "1x1", n: 2 }, ["n", "seconds", "size", "prompt"]],
    [{ ...CRANE, "a.b": 1, "prompt.c": 1 }, ["a.b", "prompt.c"]],
    [{ prompt: 5, seconds: {}, size: 720, model: [] }, ["prompt", "model", "seconds", "size"]],
    [{ ...CRANE, input_reference: [LINK, LINK] }, ["input_reference"]],
    [{ ...CRANE, input_reference: { image_url: LINK, file_id: "upl_1" } }, ["input_reference"]],
    [{ ...CRANE, input_reference: { file_id: "file-abc" } }, ["input_reference"]],
    [{ ...CRANE, input_reference: "upl_none" }, ["input_reference"]],
    [{ ...CRANE, input_reference: "http://10.0.0.1/a.png" }, ["input_reference"]],
    [{ ...CRANE, input_reference: "data:image/png,abc" }, ["input_reference"]],
    [{ ...CRANE, model: "kling-2.6/text-to-video", input_reference: LINK }, ["input_reference"]],
    [{ ...CRANE, model: "sora-2-image-to-video" }, ["input_reference"]],
    [{ ...CRANE, model: "flux-kontext-pro", size: 1 }, ["size", "model"]],
    [{ prompt: "x".repeat(1_001), model: "kling-2.6/text-to-video" }, ["prompt"]],
  ])("%j names every bad field at once and costs nothing", async (body, paths) => {
    const world = createWorld();
    expect(await badFields(await postVideo(world, body))).toEqual([400, "invalid_fields", paths]);
    await world.pass(1_000);
    expect(world.simulator.creates()).toBe(0);
  });

  it("with a model that is unknown is 404, as OpenAI has it", async () => {
    const world = createWorld();
    const response = await postVideo(world, { ...CRANE, model: "sora-9" });
    const { error } = await readProblem(response);
    expect([response.status, error]).toEqual([
      404,
      {
        message: 'Unknown model "sora-9". GET /v1/models lists all models.',
        type: "invalid_request_error",
        param: "model",
        code: "model_not_found",
      },
    ]);
  });

  it("with an image takes none in", async () => {
    const world = createWorld();
    const before = await countUploads();
    const answers = [
      await postForm(world, { ...CRANE, seconds: "99", input_reference: await fileOf() }),
      await postForm(world, { ...CRANE, input_reference: new File([gif()], "a.gif") }),
      await postForm(world, { ...CRANE, input_reference: new File([bmp()], "a.bmp") }),
      await postForm(world, { ...CRANE, input_reference: new File([], "empty.png") }),
      await postForm(world, { ...CRANE, input_reference: new File([await pngOf(11_000_000)], "big.png") }),
    ];
    expect(await Promise.all(answers.map(badFields))).toEqual([
      [400, "invalid_fields", ["seconds"]],
      [415, "unsupported_media_type", []],
      [400, "invalid_fields", ["input_reference"]],
      [400, "invalid_fields", ["input_reference"]],
      [413, "body_too_large", []],
    ]);
    expect(await countUploads()).toBe(before);
  });

  it("is 400 or 415 when it cannot be read", async () => {
    const world = createWorld();
    const send = (type: string, body: string) =>
      world.call("POST", "/v1/videos", { body, headers: { "Content-Type": type } });
    const answers = [
      await send("application/json", "{"),
      await send("multipart/form-data; boundary=x", "no form"),
      await send("text/plain", "a crane"),
    ];
    expect(await Promise.all(answers.map(async (answer) => (await badFields(answer)).slice(0, 2)))).toEqual([
      [400, "malformed_json"],
      [400, "malformed_form"],
      [415, "unsupported_media_type"],
    ]);
  });

  it("asks OpenAI's clients not to repeat a lasting refusal", async () => {
    const world = createWorld({ vars: { KIE_API_KEY: "" } });
    const response = await postVideo(world, CRANE);
    expect([response.status, response.headers.get("X-Should-Retry")]).toEqual([503, "false"]);
    const bad = await postVideo(world, {});
    expect(bad.headers.get("X-Should-Retry")).toBe("false");
  });
});

describe("a repeated create call", () => {
  const retry = { "x-stainless-retry-count": "1" };
  const replayed = (response: Response) => response.headers.get("Idempotent-Replayed");

  it("with the same key is answered with the first answer", async () => {
    const world = createWorld();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const first = await postVideo(world, { prompt: STUCK, seconds: 4 }, key);
    const second = await postVideo(world, { prompt: STUCK, seconds: "8" }, key);
    expect([second.status, replayed(second)]).toEqual([200, "true"]);
    expect(await second.text()).toBe(await first.text());
    await world.pass(1_000);
    expect(world.simulator.creates()).toBe(1);
  });

  it("joins what runs when a client marks it as its retry, in either spelling", async () => {
    const world = createWorld();
    const prompt = `${STUCK} ${crypto.randomUUID()}`;
    const first = await createVideo(world, { prompt });
    await world.pass(1_000);
    const joined = await postForm(world, { prompt }, retry);
    expect(replayed(joined)).toBe("true");
    expect(await videoOf(joined)).toMatchObject({ id: first.id, status: "in_progress" });
    expect(world.simulator.creates()).toBe(1);
  });

  it("with the same image is the same request, with another one it is not", async () => {
    const world = createFetchingWorld();
    const before = await countUploads();
    const form = async (seed: string) => ({ prompt: STUCK, input_reference: await fileOf(seed) });
    const first = await videoOf(await postForm(world, await form("one")));
    const joined = await postForm(world, await form("one"), retry);
    const other = await postForm(world, await form("two"), retry);
    expect([replayed(joined), replayed(other)]).toEqual(["true", null]);
    expect((await videoOf(joined)).id).toBe(first.id);
    await world.pass(1_000);
    expect(world.simulator.creates()).toBe(2);
    expect(await countUploads()).toBe(before + 2);
  });

  it("with the same key and image is paid once, however many come at a time", async () => {
    const world = createFetchingWorld();
    const before = await countUploads();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const fields = { prompt: STUCK, input_reference: await fileOf("same") };
    const answers = await Promise.all(Array.from({ length: 10 }, () => postForm(world, fields, key)));
    const videos = await Promise.all(answers.map(videoOf));
    expect(new Set(videos.map(({ id }) => id)).size).toBe(1);
    await world.pass(1_000);
    expect(world.simulator.creates()).toBe(1);
    expect(await sentImage(world)).toBe(await sha256(await png("same")));
    expect(await countUploads()).toBe(before + 1);
    const other = await postForm(world, { ...fields, input_reference: await fileOf("other") }, key);
    expect((await badFields(other)).slice(0, 2)).toEqual([400, "idempotency_key_reused"]);
    expect(await countUploads()).toBe(before + 1);
  });

  it("of our own API is the same request too when the same image was uploaded twice", async () => {
    const world = createFetchingWorld();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const ids = [(await upload(world, await png("twice"))).id, (await upload(world, await png("twice"))).id];
    const answers = await Promise.all(
      ids.map((id) =>
        world.call("POST", "/api/artworks/generate", {
          body: { prompt: "make it night", images: [id] },
          headers,
        }),
      ),
    );
    expect(ids[0]).not.toBe(ids[1]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers.filter((answer) => replayed(answer) === "true")).toHaveLength(1);
  });

  it("holds for Prefer: wait, and says then what has become of it", async () => {
    const world = createWorld();
    const held = postVideo(world, CRANE, { Prefer: "wait=30" });
    await vi.waitFor(async () => {
      await world.pass(1_000);
      expect(world.simulator.tasks[0]?.state).toBe("succeeded");
    });
    await world.pass(10_000);
    const response = await held;
    expect([response.status, response.headers.get("Preference-Applied")]).toEqual([200, "wait=30"]);
    expect(await videoOf(response)).toMatchObject({ object: "video", status: "completed" });
  });
});
