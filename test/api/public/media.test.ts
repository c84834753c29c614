import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const KEY = "artworks/art_media/1/0.png";
const BYTES = Uint8Array.from({ length: 100 }, (_, index) => index);

const fetchMedia = async (headers: Record<string, string> = {}, method = "GET") => {
  await env.MEDIA.put(KEY, BYTES, { httpMetadata: { contentType: "image/png" } });
  return await createWorld().send(new Request(`http://localhost/media/${KEY}`, { method, headers }));
};

describe("media", () => {
  it("serves the bytes without credentials, for ever, as what they are and nothing that runs", async () => {
    const response = await fetchMedia();
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": "100",
      "cache-control": "public, max-age=31536000, immutable",
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "access-control-allow-origin": "*",
    });
  });

  it("answers 304 to who has it", async () => {
    const etag = (await fetchMedia()).headers.get("ETag") ?? "";
    const response = await fetchMedia({ "If-None-Match": `"other", W/${etag}` });
    expect([response.status, await response.text()]).toEqual([304, ""]);
    expect((await fetchMedia({ "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("answers HEAD with the size and no body", async () => {
    const response = await fetchMedia({}, "HEAD");
    expect(response.headers.get("Content-Length")).toBe("100");
    expect(await response.text()).toBe("");
  });

  it.each([
    ["bytes=0-9", 0, 10],
    ["bytes=90-", 90, 100],
    ["bytes=-5", 95, 100],
    ["bytes=-500", 0, 100],
    ["bytes=95-500", 95, 100],
  ])("answers Range %s with 206 and just these bytes", async (Range, start, end) => {
    const response = await fetchMedia({ Range });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(`bytes ${start}-${end - 1}/100`);
    expect(response.headers.get("Content-Length")).toBe(String(end - start));
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES.subarray(start, end));
  });

  it.each(["bytes=100-", "bytes=500-600", "bytes=-0"])(
    "answers Range %s with 416 and the size",
    async (Range) => {
      const response = await fetchMedia({ Range });
      expect(response.status).toBe(416);
      expect(response.headers.get("Content-Range")).toBe("bytes */100");
    },
  );

  it.each(["bytes=9-0", "bytes=0-1,5-6", "lines=1-2", "bytes=-"])(
    "ignores Range %s and sends all",
    async (Range) => {
      expect((await fetchMedia({ Range })).status).toBe(200);
    },
  );

  it("sends a part only of the version that If-Range names", async () => {
    const whole = await fetchMedia();
    const etag = whole.headers.get("ETag") ?? "";
    const Range = "bytes=0-9";
    expect((await fetchMedia({ Range, "If-Range": etag })).status).toBe(206);
    expect((await fetchMedia({ Range, "If-Range": '"older"' })).status).toBe(200);
    expect((await fetchMedia({ Range, "If-Range": "Wed, 01 Jan 2020 00:00:00 GMT" })).status).toBe(200);
  });

  it.each(["/media/artworks/none/1/0.png", "/media/uploads/secret.png", "/media/../etc", "/image/out_none"])(
    "answers 404 at %s",
    async (path) => {
      expect((await createWorld().call("GET", path)).status).toBe(404);
    },
  );

  it("leads from an output's id to its file", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const output = (await statusOf(world, artwork.id)).outputs[0]!;
    const response = await world.send(new Request(`http://localhost:8787/image/${output.id}`));
    expect(response.status).toBe(302);
    expect(response.headers.get("Location")).toBe(output.url);
  });

  it("is linked at MEDIA_BASE_URL where that is set, and served under that path too", async () => {
    const world = createWorld({ vars: { MEDIA_BASE_URL: "https://images.example/" } });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const output = (await statusOf(world, artwork.id)).outputs[0]!;
    expect(output.url).toBe(`https://images.example/artworks/${artwork.id}/1/0.jpg`);
    expect((await world.call("GET", new URL(output.url).pathname)).status).toBe(200);
  });
});
