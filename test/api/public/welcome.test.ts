import { describe, expect, it } from "vitest";
import { generate, readProblem, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";

const at = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  createWorld().send(new Request(`http://localhost:8787${path}`, { headers, method }));

describe("the door", () => {
  it("says to programs what this is and where to go, without credentials", async () => {
    const response = await at("/", { Accept: "*/*" });

    expect([response.status, response.headers.get("Vary")]).toEqual([200, expect.stringContaining("Accept")]);
    expect(await response.json()).toMatchObject({
      name: "Darkroom",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      urls: { health: "http://localhost:8787/api/health", openai: "http://localhost:8787/v1" },
    });
  });

  it("shows a browser a page that loads nothing and runs nothing", async () => {
    const response = await at("/", { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" });

    const page = await response.text();
    expect(response.headers.get("Content-Type")).toContain("text/html");
    expect(response.headers.get("Content-Security-Policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; /,
    );
    expect(page).toContain("http://localhost:8787/api/artworks/generate");
    expect(page).not.toMatch(/<script|src=|<link|@import|url\(/);
  });

  it("names the style by its own hash", async () => {
    const response = await at("/", { Accept: "text/html" });
    const style = /<style>([\s\S]*)<\/style>/.exec(await response.text())?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));

    expect(response.headers.get("Content-Security-Policy")).toContain(
      `'sha256-${btoa(String.fromCodePoint(...new Uint8Array(digest)))}'`,
    );
  });

  it("answers HEAD without a body, and POST with 405", async () => {
    const head = await at("/", {}, "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await at("/", {}, "POST")).status).toBe(405);
  });
});

describe("a path of OpenAI's at the wrong place", () => {
  it.each([
    ["/chat/completions", "/v1/chat/completions"],
    ["/images/generations", "/v1/images/generations"],
    ["/models", "/v1/models"],
    ["/videos/video_1/content", "/v1/videos/video_1/content"],
  ])("%s is 404, and the answer names %s", async (path, meant) => {
    const response = await at(path, {}, "POST");

    expect(response.status).toBe(404);
    expect((await readProblem(response)).detail).toContain(`Did you mean ${meant}?`);
  });

  it("is distinguished from any other path", async () => {
    expect((await readProblem(await at("/nowhere"))).detail).toBe("No route at /nowhere.");
  });
});

describe("/image", () => {
  it("serves a file by its key in the bucket, and leads to it from an output's id", async () => {
    const world = createWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const output = (await statusOf(world, artwork.id)).outputs[0]!;
    const key = new URL(output.url).pathname.replace("/media/", "");

    const byKey = await world.send(new Request(`http://localhost:8787/image/${key}`));
    const byId = await world.send(new Request(`http://localhost:8787/image/${output.id}`));

    expect([byKey.status, (await byKey.arrayBuffer()).byteLength]).toEqual([200, output.bytes]);
    expect([byId.status, byId.headers.get("Location")]).toEqual([302, output.url]);
  });
});
