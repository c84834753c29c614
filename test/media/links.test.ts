import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/lib/log.ts";
import { createMediaStore } from "../../src/media/media-store.ts";
import * as images from "../support/fixtures/images.ts";

const PROVIDER = "http://10.0.0.5:9000";
const log = createLog(() => undefined);

/** Copies a link; `redirects` maps URLs to targets, every other URL serves an image. Returns the requested URLs. */
async function follow(link: string, redirects: Record<string, string> = {}) {
  const asked: string[] = [];
  const image = await images.png();
  const fetch = async (url: string) => {
    asked.push(url);
    const location = redirects[url];
    return location === undefined
      ? new Response(image)
      : new Response(null, { status: 302, headers: { Location: location } });
  };
  const isTrusted = ({ origin }: URL) => origin === PROVIDER;
  const mediaStore = createMediaStore({ bucket: env.MEDIA, fetch, isTrusted, expiresAt: () => null });
  return { result: await mediaStore.copy(link, `tests/links/${crypto.randomUUID()}`, "image", log), asked };
}

describe("a link to a result", () => {
  it("with http is tried as https on its own port", async () => {
    const { result, asked } = await follow("http://files.example/a.png");
    expect([result.ok, asked]).toEqual([true, ["https://files.example/a.png"]]);
    const { asked: onPort } = await follow("http://files.example:8443/a.png");
    expect(onPort).toEqual(["https://files.example:8443/a.png"]);
  });

  it("that is redirected to http is followed over https", async () => {
    const { result, asked } = await follow("https://files.example/a.png", {
      "https://files.example/a.png": "http://cdn.example/a.png",
    });
    expect([result.ok, asked.at(-1)]).toEqual([true, "https://cdn.example/a.png"]);
  });

  it("of a trusted provider is used unchanged", async () => {
    const { result, asked } = await follow(`${PROVIDER}/a.png`);
    expect([result.ok, asked]).toEqual([true, [`${PROVIDER}/a.png`]]);
  });

  it("of a trusted provider is not followed to another port", async () => {
    const { result, asked } = await follow(`${PROVIDER}/a.png`, {
      [`${PROVIDER}/a.png`]: "http://10.0.0.5:6379/",
    });
    expect(result).toMatchObject({ ok: false, problem: "forbidden" });
    expect(asked).toHaveLength(1);
  });

  it("that redirects to itself over http fails with too many redirects", async () => {
    const { result, asked } = await follow("https://files.example/a.png", {
      "https://files.example/a.png": "http://files.example/a.png",
    });
    expect(result).toMatchObject({ ok: false, problem: "unusable", reason: "too many redirects" });
    expect(asked).toHaveLength(6);
  });

  it.each([
    "http://10.0.0.1/a.png",
    "https://10.0.0.1/a.png",
    "http://localhost/a.png",
    "https://user:password@10.0.0.1/a.png",
  ])("to a private address is not followed: %s", async (link) => {
    const problem = { ok: false, problem: "forbidden" };
    expect(await follow(link)).toMatchObject({ result: problem, asked: [] });
    const redirected = await follow("https://files.example/a.png", { "https://files.example/a.png": link });
    expect(redirected.result).toMatchObject(problem);
    expect(redirected.asked).toHaveLength(1);
  });

  it.each([
    ["http://", "its link cannot be read"],
    ["https://files.example:port/a.png", "its link cannot be read"],
    ["ftp://files.example/a.png", "its link is no http(s) URL"],
    ["data:image/png;base64,AA", "its link is no http(s) URL"],
    ["https://user@files.example/a.png", "its link must not carry a user name or password"],
  ])("that is unreadable may be replaced: %s", async (link, reason) => {
    const problem = { ok: false, problem: "unusable", reason };
    expect(await follow(link)).toMatchObject({ result: problem, asked: [] });
    const redirected = await follow("https://files.example/a.png", { "https://files.example/a.png": link });
    expect(redirected.result).toMatchObject(problem);
  });
});
