import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createBrokenWorld } from "../../support/broken-database.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { png } from "../../support/fixtures/images.ts";
import { ORIGIN } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { errorOf, whileTimePasses } from "../../support/openai.ts";
import type { ImagesBody } from "../../support/openai.ts";

const fourCats = (world: World): Promise<Response> =>
  whileTimePasses(
    world,
    world.call("POST", "/v1/images/generations", { body: { prompt: "a cat", n: 4, model: "z-image" } }),
  );

describe("a call for several images", () => {
  it("is answered with those that could be recorded, which are paid once", async () => {
    const world = createBrokenWorld([3], "before");
    const response = await fourCats(world);
    expect(response.status).toBe(200);
    expect((await response.json<ImagesBody>()).data).toHaveLength(3);
    expect(world.simulator.creates()).toBe(3);
    expect(world.logs.filter(({ event }) => event === "request.part_failed")).toHaveLength(1);
  });

  it("fails when the first cannot be recorded, and nothing is made", async () => {
    const world = createBrokenWorld([1], "before");
    const response = await fourCats(world);
    expect([response.status, (await errorOf(response)).code]).toEqual([500, "internal_error"]);
    expect(world.simulator.creates()).toBe(0);
  });
});

describe("a request that is recorded while the database's answer is lost", () => {
  it("is accepted without a key", async () => {
    const world = createBrokenWorld([1, 3], "after");
    const response = await fourCats(world);
    expect((await response.json<ImagesBody>()).data).toHaveLength(4);
    expect(world.simulator.creates()).toBe(4);
  });

  it("is accepted without a key by our own API, for the next generation too", async () => {
    const world = createBrokenWorld([1, 2], "after");
    const made = await world.call("POST", "/api/artworks/generate", { body: { prompt: "a cat" } });
    const { id } = await made.json<ArtworkBody>();
    await world.pass(10_000);
    const next = await world.call("POST", `/api/artworks/${id}/regenerate`, { body: {} });
    await world.pass(10_000);
    expect([made.status, next.status]).toEqual([202, 202]);
    expect(world.simulator.creates()).toBe(2);
  });

  it("keeps the image that it brought, with a key", async () => {
    const world = createBrokenWorld([1], "after");
    const count = async () => (await env.MEDIA.list({ prefix: "uploads/" })).objects.length;
    const before = await count();
    const form = new FormData();
    form.set("image", new File([await png(crypto.randomUUID())], "a.png"));
    form.set("prompt", "make it night [sim:stuck]");
    form.set("stream", "true");
    const headers = { Authorization: "Bearer root-key", "Idempotency-Key": crypto.randomUUID() };
    const init = { method: "POST", headers, body: form };
    const response = await world.send(new Request(`${ORIGIN}/v1/images/edits`, init));
    expect(response.headers.get("Idempotent-Replayed")).toBeNull();
    expect(await count()).toBe(before + 1);
    await response.body?.cancel();
  });
});
