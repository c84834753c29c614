import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import * as images from "../../support/fixtures/images.ts";
import { readProblem, sha256 } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { upload } from "../../support/upload.ts";

const MOST = 10 * 1024 * 1024;

const post = (world: World, body: BodyInit, headers: Record<string, string> = {}) =>
  world.send(
    new Request("http://localhost:8787/api/uploads", {
      method: "POST",
      headers: { Authorization: "Bearer root-key", ...headers },
      body,
    }),
  );

const formOf = (...files: readonly [name: string, value: string | File][]): FormData => {
  const form = new FormData();
  for (const [name, value] of files) form.append(name, value);
  return form;
};

const file = (bytes: Uint8Array<ArrayBuffer>, name = "a.png", type = "image/png") =>
  new File([bytes], name, { type });

/** Nothing may be left of an upload that was refused. */
async function leavesNothing(act: () => Promise<Response>): Promise<Response> {
  const count = async () => {
    const { objects } = await env.MEDIA.list({ prefix: "uploads/" });
    const row = await env.DB.prepare("select count(*) as rows from uploads").first<{ rows: number }>();
    return [objects.length, row?.rows];
  };
  const before = await count();
  const response = await act();
  expect(await count()).toEqual(before);
  return response;
}

describe("an upload", () => {
  it.each([
    ["JPEG", images.jpeg, "image/jpeg", "jpg"],
    ["PNG", images.png, "image/png", "png"],
    ["WebP", async () => images.webp(), "image/webp", "webp"],
    ["BMP", async () => images.bmp(), "image/bmp", "bmp"],
  ])(
    "of a %s is known by its content, whatever it is called",
    async (_kind, draw, contentType, extension) => {
      const world = createWorld();
      const bytes = await draw();
      const response = await post(world, formOf(["file", file(bytes, "video.mp4", "video/mp4")]));
      expect(response.status).toBe(201);
      const body = await response.json<{ id: string; url: string; createdAt: string; expiresAt: string }>();
      expect(body).toEqual({
        id: expect.stringMatching(/^upl_[0-9a-z]{38}$/),
        object: "upload",
        url: `http://localhost:8787/media/uploads/${body.id}.${extension}`,
        contentType,
        bytes: bytes.length,
        sha256: await sha256(bytes),
        width: 40,
        height: 30,
        createdAt: new Date(world.clock.now()).toISOString(),
        expiresAt: new Date(world.clock.now() + 7 * 86_400_000).toISOString(),
      });
      expect(response.headers.get("Location")).toBe(`http://localhost:8787/api/uploads/${body.id}`);
      const served = await world.send(new Request(body.url));
      expect(served.headers.get("Content-Type")).toBe(contentType);
      expect(served.headers.get("Content-Security-Policy")).toBe("default-src 'none'; sandbox");
      expect(new Uint8Array(await served.arrayBuffer())).toEqual(bytes);
    },
  );

  it("may be the body itself, under any content type", async () => {
    const world = createWorld();
    const response = await post(world, await images.png(), {
      "Content-Type": "application/x-www-form-urlencoded",
    });
    expect(await response.json()).toMatchObject({ contentType: "image/png", width: 40 });
  });

  it.each([
    ["a GIF", images.gif()],
    ["an AVIF", images.avif()],
    ["a video", images.mp4()],
    ["text", images.ascii("BMW is a make of cars, and this text is no bitmap")],
    ["something that has WEBP in it", images.ascii("........WEBP....................")],
  ])("of %s is refused with 415 even when it says image/png", async (_kind, bytes) => {
    const world = createWorld();
    const raw = await leavesNothing(() => post(world, bytes, { "Content-Type": "image/png" }));
    expect(raw.status).toBe(415);
    const form = await leavesNothing(() => post(world, formOf(["file", file(bytes)])));
    expect((await readProblem(form)).error.code).toBe("unsupported_media_type");
  });

  it.each([
    ["an empty body", () => new Uint8Array(), "file is empty"],
    ["a form without the field", () => formOf(["image", "x"]), "file is required"],
    ["a field that is text", () => formOf(["file", "x"]), "file must be a file"],
    ["an empty file", () => formOf(["file", file(new Uint8Array())]), "file is empty"],
    [
      "two files",
      () => formOf(["file", file(images.bmp())], ["file", file(images.bmp())]),
      "file must be the only one",
    ],
    [
      "a file beside it",
      () => formOf(["file", file(images.bmp())], ["mask", file(images.bmp())]),
      "file must be the only one",
    ],
  ])("of %s is refused with 422", async (_what, body, detail) => {
    const world = createWorld();
    const response = await leavesNothing(() => post(world, body()));
    expect(response.status).toBe(422);
    const problem = await readProblem(response);
    expect([problem.detail, problem.errors[0]?.path]).toEqual([detail, "file"]);
  });

  it("of a form that is none is refused with 400", async () => {
    const response = await post(createWorld(), "nothing of the sort", {
      "Content-Type": "multipart/form-data; boundary=x",
    });
    expect(response.status).toBe(400);
    expect((await readProblem(response)).error.code).toBe("malformed_form");
  });

  it("needs credentials", async () => {
    const response = await post(createWorld(), await images.png(), { Authorization: "Bearer wrong" });
    expect(response.status).toBe(401);
  });
});

describe("the size of an upload", () => {
  it("may be exactly 10 MB, in both forms", async () => {
    const world = createWorld();
    const bytes = await images.pngOf(MOST);
    const raw = await post(world, bytes);
    expect(await raw.json()).toMatchObject({ bytes: MOST, sha256: await sha256(bytes) });
    expect((await post(world, formOf(["file", file(bytes)]))).status).toBe(201);
  });

  it("is refused above with 413 by Content-Length, before a byte is read", async () => {
    const world = createWorld();
    const body = new ReadableStream({ pull: () => expect.unreachable() }, { highWaterMark: 0 });
    const response = await post(world, body, { "Content-Length": String(MOST + 1) });
    expect(response.status).toBe(413);
  });

  it("is refused above with 413 without Content-Length, and leaves no part of it", async () => {
    const world = createWorld();
    const bytes = await images.pngOf(MOST + 1);
    const raw = await leavesNothing(() => post(world, new Blob([bytes]).stream()));
    expect([raw.status, (await readProblem(raw)).error.code]).toEqual([413, "body_too_large"]);
    const form = await leavesNothing(() => post(world, formOf(["file", file(bytes)])));
    expect(form.status).toBe(413);
  });

  // 10 MB are taken and 64 let go: who sends less sees the answer, who sends for ever is broken off.
  it.each([
    [20, 20],
    [1_000, 75],
  ])("is counted while a form of %i MB streams in, %i of them read", async (megabytes, read) => {
    let sent = 0;
    const form = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
        if (sent === megabytes) controller.close();
      },
    });
    const response = await post(createWorld(), form, {
      "Content-Type": "multipart/form-data; boundary=x",
    });
    expect([response.status, sent]).toEqual([413, read]);
  });
});

describe("an upload that is there", () => {
  it("is shown to its owner and nobody else", async () => {
    const world = createWorld();
    const made = await upload(world, await images.png());
    const path = `/api/uploads/${made.id}`;
    expect(await (await world.call("GET", path)).json()).toEqual(made);
    await env.DB.prepare("update uploads set owner = 'somebody' where id = ?").bind(made.id).run();
    expect((await world.call("GET", path)).status).toBe(404);
    expect((await world.call("DELETE", path)).status).toBe(404);
    expect((await world.send(new Request(made.url))).status).toBe(200);
  });

  it("is deleted with its bytes", async () => {
    const world = createWorld();
    const made = await upload(world, await images.png());
    expect((await world.call("DELETE", `/api/uploads/${made.id}`)).status).toBe(204);
    expect((await world.call("GET", `/api/uploads/${made.id}`)).status).toBe(404);
    expect((await world.call("DELETE", `/api/uploads/${made.id}`)).status).toBe(404);
    expect((await world.send(new Request(made.url))).status).toBe(404);
  });

  it("is served at the root of MEDIA_BASE_URL", async () => {
    const world = createWorld({ vars: { MEDIA_BASE_URL: "https://images.example" } });
    const made = await upload(world, await images.png());
    expect(made.url).toBe(`https://images.example/uploads/${made.id}.png`);
    expect((await world.call("GET", new URL(made.url).pathname)).status).toBe(200);
  });
});

describe("uploads whose host cannot work", () => {
  it.each([
    ["r2 on localhost with KIE itself", { KIE_API_BASE_URL: "https://api.kie.ai" }, "MEDIA_BASE_URL"],
    ["imgbb without a key", { UPLOAD_HOST: "imgbb" }, "IMGBB_API_KEY"],
  ])("(%s) are refused with 503, in health and in the log", async (_what, vars, remedy) => {
    const world = createWorld({ vars });
    const response = await leavesNothing(async () => await post(world, await images.png()));
    expect(response.status).toBe(503);
    const problem = await readProblem(response);
    expect(problem.error.code).toBe("upload_host_unreachable");
    expect(problem.detail).toContain(remedy);
    expect(world.logs).toContainEqual(
      expect.objectContaining({ event: "uploads.unreachable", message: problem.detail }),
    );
    const health = await (await world.call("GET", "/api/health")).json();
    expect(health).toMatchObject({
      status: "ok",
      components: { uploads: { status: "unreachable", message: problem.detail } },
    });
  });

  it.each([
    ["a private KIE", {}],
    [
      "a public media origin",
      { KIE_API_BASE_URL: "https://api.kie.ai", MEDIA_BASE_URL: "https://m.example" },
    ],
    ["another host", { KIE_API_BASE_URL: "https://api.kie.ai", UPLOAD_HOST: "kie" }],
  ])("are taken with %s", async (_what, vars) => {
    const world = createWorld({ vars });
    expect((await post(world, await images.png())).status).toBe(201);
    const health = await (await world.call("GET", "/api/health")).json();
    expect(health).toMatchObject({ components: { uploads: { status: "ok" } } });
  });
});

describe("an upload in a request", () => {
  it("that is missing is reported between malformed fields and URLs", async () => {
    const world = createWorld();
    const body = { prompt: "a fox", images: ["upl_missing"], variants: 99, webhookUrl: "http://10.0.0.1/" };
    const response = await world.call("POST", "/api/artworks/generate", { body });
    const { errors } = await readProblem(response);
    expect(errors.map(({ path }) => path)).toEqual(["variants", "images.0", "webhookUrl"]);
  });
});
