import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readProblem } from "../../support/expect.ts";
import { png } from "../../support/fixtures/images.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { createFetchingWorld } from "../../support/upload.ts";
import { completedVideo, CRANE, postForm, postVideo, videoOf } from "../../support/videos.ts";

const newKey = () => ({ "Idempotency-Key": crypto.randomUUID() });
const codeOf = async (response: Response): Promise<string> => (await readProblem(response)).error.code;
const countUploads = async () => (await env.MEDIA.list({ prefix: "uploads/" })).objects.length;

/** The same service after its models were retired, or its key was taken away. */
const retired = () =>
  createWorld({
    deps: ({ models }) => ({ models: models.map((model) => ({ ...model, retiresAt: "2020-01-01" })) }),
  });
const keyless = () => createWorld({ vars: { KIE_API_KEY: "" } });

describe("a repeated video that would be refused today", () => {
  it("gets its first answer", async () => {
    const key = newKey();
    const first = await (await postVideo(createWorld(), CRANE, key)).text();
    const again = [await postVideo(retired(), CRANE, key), await postVideo(keyless(), CRANE, key)];
    expect(await Promise.all(again.map((answer) => answer.text()))).toEqual([first, first]);
    const fresh = [await postVideo(retired(), CRANE), await postVideo(keyless(), CRANE)];
    expect(fresh.map(({ status }) => status)).toEqual([410, 503]);
  });

  it("gets its first answer with an image too, of which no second copy is left", async () => {
    const key = newKey();
    const form = async () => ({ ...CRANE, input_reference: new File([await png("here")], "a.png") });
    const first = await (await postForm(createFetchingWorld(), await form(), key)).text();
    const before = await countUploads();
    const again = await postForm(retired(), await form(), key);
    expect(await again.text()).toBe(first);
    expect(await codeOf(await postForm(keyless(), await form()))).toBe("provider_not_configured");
    expect(await countUploads()).toBe(before);
  });

  it("is refused with a bad field that the first one had not", async () => {
    const key = newKey();
    await videoOf(await postVideo(createWorld(), CRANE, key));
    const again = await postVideo(retired(), { ...CRANE, seconds: "99" }, key);
    expect(again.headers.get("Idempotent-Replayed")).toBeNull();
    expect(again.ok).toBe(false);
  });
});

describe("a repeated remix", () => {
  const remix = (world: World, id: string, headers: Record<string, string>, prompt = "at night") =>
    world.call("POST", `/v1/videos/${id}/remix`, { body: { prompt }, headers });

  it("gets its first answer although its source runs again, and is compared as it was asked", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const key = newKey();
    const first = await (await remix(world, id, key)).text();
    await world.call("POST", `/api/artworks/${id}/regenerate`, {
      body: { prompt: "a crane [sim:stuck]", aspectRatio: "16:9" },
    });
    expect(await codeOf(await remix(world, id, newKey()))).toBe("video_not_completed");
    expect(await (await remix(world, id, key)).text()).toBe(first);
    expect(await codeOf(await remix(world, id, key, "by day"))).toBe("idempotency_key_reused");
  });

  it("gets its first answer although its source is another video, or deleted, or retired", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const key = newKey();
    const first = await (await remix(world, id, key)).text();
    await world.call("POST", `/api/artworks/${id}/regenerate`, { body: { aspectRatio: "16:9" } });
    await world.pass(60_000);
    expect(await (await remix(world, id, key)).text()).toBe(first);
    expect(await (await remix(retired(), id, key)).text()).toBe(first);
    await world.call("DELETE", `/v1/videos/${id}`);
    expect(await (await remix(world, id, key)).text()).toBe(first);
    expect(await codeOf(await remix(world, id, newKey()))).toBe("not_found");
  });

  it("joins as a client's retry what it repeats, although the source is another video", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const prompt = `at night ${crypto.randomUUID()}`;
    const first = await videoOf(await remix(world, id, {}, prompt));
    await world.call("POST", `/api/artworks/${id}/regenerate`, { body: { aspectRatio: "16:9" } });
    await world.pass(60_000);
    const joined = await videoOf(await remix(world, id, { "x-stainless-retry-count": "1" }, prompt));
    expect(joined.id).toBe(first.id);
    expect(world.simulator.creates()).toBe(3);
  });
});
