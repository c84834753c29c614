import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readProblem } from "../../support/expect.ts";
import * as images from "../../support/fixtures/images.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { errorOf, framesOf, whileTimePasses } from "../../support/openai.ts";
import type { ImagesBody } from "../../support/openai.ts";
import { createFetchingWorld, upload } from "../../support/upload.ts";

const generate = (world: World, body: Record<string, unknown>): Promise<Response> =>
  whileTimePasses(
    world,
    world.call("POST", "/v1/images/generations", { body: { prompt: "a cat", ...body } }),
  );

const edit = (world: World, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
  whileTimePasses(
    world,
    world.send(
      new Request(`${ORIGIN}/v1/images/edits`, {
        method: "POST",
        headers: { Authorization: "Bearer root-key", ...headers },
        body,
      }),
    ),
  );

const formOf = (
  ...fields: readonly (readonly [name: string, value: string | Uint8Array<ArrayBuffer>])[]
): FormData => {
  const form = new FormData();
  for (const [name, value] of fields) {
    form.append(name, typeof value === "string" ? value : new File([value], "a.png", { type: "image/png" }));
  }
  return form;
};

const stored = async (world: World, url = ""): Promise<Uint8Array> =>
  new Uint8Array(await (await world.send(new Request(url))).arrayBuffer());

describe("an image", () => {
  it("is answered with its link, its real size and zero tokens", async () => {
    const world = createWorld();
    const body = await (await generate(world, { size: "1792x1024" })).json<ImagesBody>();
    expect(body).toEqual({
      created: Math.floor(world.simulator.tasks[0]!.createdAt / 1_000),
      data: [{ url: expect.stringMatching(/^http:\/\/localhost:8787\/media\/artworks\/art_/) }],
      output_format: "jpeg",
      size: expect.stringMatching(/^\d+x\d+$/),
      usage: expect.objectContaining({ total_tokens: 0 }),
    });
    expect(world.simulator.tasks[0]?.body).toMatchObject({ aspectRatio: "16:9" });
    expect((await stored(world, body.data[0]?.url)).length).toBeGreaterThan(100);
  });

  it("is answered as base64 when asked, byte for byte what was stored", async () => {
    const world = createWorld();
    const response = await generate(world, { response_format: "b64_json", model: "gpt-4o-image", n: 2 });
    const body = await response.json<ImagesBody>();
    const { objects } = await env.MEDIA.list({ prefix: `artworks/${artworkOf(response)}` });
    const bytes = await Promise.all(
      objects.map(async ({ key }) => new Uint8Array(await (await env.MEDIA.get(key))!.arrayBuffer())),
    );
    expect(bytes).toHaveLength(2);
    expect(body.data.map((item) => Uint8Array.fromBase64(item.b64_json ?? ""))).toEqual(bytes);
    expect(body.output_format).toBe("png");
    expect(world.simulator.creates()).toBe(1);
  });

  it("comes so many times as are asked for, where the model draws one at a time", async () => {
    const world = createWorld();
    const body = await (await generate(world, { n: 3, model: "z-image" })).json<ImagesBody>();
    expect(new Set(body.data.map(({ url }) => url)).size).toBe(3);
    expect(world.simulator.creates()).toBe(3);
  });

  it("is one event when it is streamed", async () => {
    const world = createWorld();
    const response = await generate(world, { stream: true, partial_images: 2 });
    const text = await whileTimePasses(world, response.text());
    expect(text).toContain("event: image_generation.completed\n");
    const events = framesOf(text) as { type: string; b64_json: string; created_at: number }[];
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: "image_generation.completed", output_format: "jpeg", usage: {} });
    expect(Uint8Array.fromBase64(events[0]!.b64_json).length).toBeGreaterThan(100);
  });

  it("that failed is answered 400 with its artwork, streamed in a frame", async () => {
    const world = createWorld();
    const response = await generate(world, { prompt: "a cat [sim:fail-500]", n: 2, model: "z-image" });
    expect([response.status, response.headers.get("X-Should-Retry")]).toEqual([400, "false"]);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: "provider_error", artwork: { id: artworkOf(response) } });
    const streamed = await generate(world, { prompt: "a dog [sim:fail-400]", stream: true });
    const text = await whileTimePasses(world, streamed.text());
    expect(framesOf(text)).toMatchObject([{ error: { code: "content_policy" } }]);
  });

  it.each([
    [{ prompt: undefined }, 400, "prompt"],
    [{ size: "huge" }, 400, "size"],
    [{ n: 11 }, 400, "n"],
    [{ model: "dall-e-3" }, 404, "model"],
    [{ prompt: "a".repeat(1_001), model: "z-image" }, 400, "prompt"],
    [{ model: "qwen/image-edit" }, 400, "model"],
  ])("with %j is refused, and nothing is made", async (body, status, param) => {
    const world = createWorld();
    const response = await generate(world, body);
    expect([response.status, (await errorOf(response)).param]).toEqual([status, param]);
    expect(world.simulator.creates()).toBe(0);
  });
});

const artworkOf = (response: Response): string =>
  /art_[0-9a-z]+/.exec(response.headers.get("Location") ?? "")?.[0] ?? "";

describe("an edit", () => {
  it("takes several files, which become uploads", async () => {
    const world = createFetchingWorld();
    const [one, two] = [await images.png("one"), await images.jpeg("two")];
    const form = formOf(
      ["image[]", one],
      ["image[]", two],
      ["prompt", "make it night"],
      ["model", "google/nano-banana"],
      ["n", "1"],
    );
    const response = await edit(world, form);
    expect((await response.json<ImagesBody>()).data).toHaveLength(1);
    const { image_urls: urls } = world.simulator.tasks[0]!.body["input"] as { image_urls: string[] };
    expect(await Promise.all(urls.map((url) => stored(world, url)))).toEqual([one, two]);
  });

  it("gives a mask to the model that has a place for it, and is refused by others", async () => {
    const world = createFetchingWorld();
    const [image, mask] = [await images.png("one"), await images.png("mask")];
    const fields = [
      ["image", image],
      ["mask", mask],
      ["prompt", "a moon"],
    ] as const;
    const response = await edit(world, formOf(...fields, ["model", "gpt-4o-image"]));
    expect(response.status).toBe(200);
    const body = world.simulator.tasks[0]?.body as { filesUrl: string[]; maskUrl: string };
    expect(await stored(world, body.maskUrl)).toEqual(mask);
    const refused = await edit(world, formOf(...fields, ["model", "flux-kontext-pro"]));
    expect([refused.status, (await errorOf(refused)).param]).toEqual([400, "mask"]);
  });

  it("takes URLs in JSON, and uploads by their ids", async () => {
    const world = createWorld();
    const { id } = await upload(world, await images.png());
    const json = JSON.stringify({
      prompt: "make it night",
      model: "google/nano-banana-edit",
      images: [{ image_url: "https://images.example/a.png" }, { image_url: id }],
    });
    expect((await edit(world, json, { "Content-Type": "application/json" })).status).toBe(200);
    const refused = await edit(world, json.replace("https://", "ftp://"), {
      "Content-Type": "application/json",
    });
    expect(refused.status).toBe(400);
    expect((await world.call("GET", `/api/uploads/${id}`)).status).toBe(200);
  });

  it.each([
    ["no image", () => formOf(["prompt", "x"]), 400, "image"],
    ["no prompt", async () => formOf(["image", await images.png()]), 400, "prompt"],
    ["text for an image", () => formOf(["image", images.ascii("hello")], ["prompt", "x"]), 415, "image"],
    ["an empty file", () => formOf(["image", new Uint8Array()], ["prompt", "x"]), 400, "image"],
    [
      "a model without images",
      async () => formOf(["image", await images.png()], ["prompt", "x"], ["model", "z-image"]),
      400,
      "model",
    ],
    [
      "two images for a model that takes one",
      async () => formOf(["image", await images.png()], ["image", await images.png()], ["prompt", "x"]),
      400,
      "image",
    ],
  ])("with %s is refused and leaves nothing", async (_what, body, status, param) => {
    const world = createWorld();
    const count = async () => (await env.MEDIA.list({ prefix: "uploads/" })).objects.length;
    const before = await count();
    const response = await edit(world, await body());
    expect([response.status, (await errorOf(response)).param]).toEqual([status, param]);
    expect(await count()).toBe(before);
    expect(world.simulator.creates()).toBe(0);
  });

  it.each([
    ["nothing", {}, ["prompt", "image"]],
    ["a bad size and no image", { prompt: "x", size: "huge", n: 11 }, ["n", "size", "image"]],
    ["a bad mask and no image", { prompt: "x", mask: 5, stream: "yes" }, ["stream", "mask", "image"]],
    [
      "images that are none",
      { prompt: "", image: [5], images: [{ url: "x" }] },
      ["prompt", "image", "images.0"],
    ],
    ["too many images", { prompt: "x", size: "huge", image: Array(17).fill("x") }, ["size", "image"]],
  ])("in JSON with %s is refused with every bad field", async (_what, body, paths) => {
    const response = await edit(createWorld(), JSON.stringify(body), { "Content-Type": "application/json" });
    const { errors } = await readProblem(response);
    expect([response.status, errors.map(({ path }) => path)]).toEqual([400, paths]);
  });

  it("is refused like every other body where it is nested too deep, or neither JSON nor a form", async () => {
    const deep = `{"prompt":"x","image":"https://a.example/1.png","user":${"[".repeat(40)}${"]".repeat(40)}}`;
    const nested = await edit(createWorld(), deep, { "Content-Type": "application/json" });
    expect([nested.status, (await readProblem(nested)).errors[0]?.code]).toEqual([400, "too_deep"]);
    const text = await edit(createWorld(), '{"prompt":"x"}', { "Content-Type": "text/plain" });
    expect([text.status, (await errorOf(text)).code]).toEqual([415, "unsupported_media_type"]);
  });

  it("whose form cannot be read is refused with 400", async () => {
    const response = await edit(createWorld(), "nonsense", {
      "Content-Type": "multipart/form-data; boundary=x",
    });
    expect([response.status, (await errorOf(response)).code]).toEqual([400, "malformed_form"]);
  });
});
