import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { HOUR } from "../../../src/lib/time.ts";
import type { ArtworkBody, ProblemBody } from "../../support/expect.ts";
import { generate } from "../../support/expect.ts";
import { png } from "../../support/fixtures/images.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { upload } from "../../support/upload.ts";

const FOX = { prompt: "a red fox in the snow" };
const newKey = () => crypto.randomUUID();

const post = (world: World, key: string, body: unknown = FOX): Promise<Response> =>
  world.call("POST", "/api/artworks/generate", { body, headers: { "Idempotency-Key": key } });

const regenerate = (world: World, artworkId: string, key: string, body: unknown = {}): Promise<Response> =>
  world.call("POST", `/api/artworks/${artworkId}/regenerate`, { body, headers: { "Idempotency-Key": key } });

const codeOf = async (response: Response): Promise<string> => (await response.json<ProblemBody>()).error.code;

describe("a repetition of a request that would be refused today", () => {
  const RETIRED = "2030-01-01";
  const isReplay = (answer: Response) => answer.headers.get("Idempotent-Replayed");

  it("gets the first answer although its upload has been deleted", async () => {
    const world = createWorld();
    const { id } = await upload(world, await png());
    const key = newKey();
    const body = { ...FOX, images: [id] };
    const first = await post(world, key, body);
    await world.call("DELETE", `/api/uploads/${id}`);
    const second = await post(world, key, body);
    expect([second.status, isReplay(second)]).toEqual([202, "true"]);
    expect(await second.text()).toBe(await first.text());
    expect((await post(world, newKey(), body)).status).toBe(422);
    const other = await post(world, key, { ...body, title: "Fox" });
    expect([other.status, await codeOf(other)]).toEqual([422, "idempotency_key_reused"]);
  });

  it("gets the first answer although its model has been retired, or no key is set any more", async () => {
    const world = createWorld();
    const key = newKey();
    const first = await (await post(world, key)).text();
    const later = createWorld({
      deps: (base) => ({
        now: world.clock.now,
        models: base.models.map((model) => ({ ...model, retiresAt: RETIRED })),
      }),
    });
    await world.clock.advance(Date.parse(RETIRED) - world.clock.now());
    await env.DB.prepare("update idempotency_keys set expires_at = ?")
      .bind(world.clock.now() + HOUR)
      .run();
    expect((await post(later, newKey())).status).toBe(410);
    const retired = await post(later, key);
    const keyless = createWorld({ vars: { KIE_API_KEY: "", CF_API_TOKEN: "" } });
    expect((await post(keyless, newKey())).status).toBe(503);
    const unset = await post(keyless, key);
    expect([await retired.text(), await unset.text()]).toEqual([first, first]);
  });

  it("gets the first answer of a regenerate although the artwork or its upload is gone", async () => {
    const world = createWorld();
    const { id } = await upload(world, await png());
    const artwork = await generate(world, { ...FOX, images: [id] });
    await world.pass(10_000);
    const key = newKey();
    const first = await (await regenerate(world, artwork.id, key)).text();
    await world.call("DELETE", `/api/uploads/${id}`);
    expect(await (await regenerate(world, artwork.id, key)).text()).toBe(first);
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    expect(await (await regenerate(world, artwork.id, key)).text()).toBe(first);
    expect((await regenerate(world, artwork.id, newKey())).status).toBe(404);
  });

  it("is refused when it has a bad field that the first one had not", async () => {
    const world = createWorld();
    const [key, other] = [newKey(), newKey()];
    const artwork = await (await post(world, key)).json<ArtworkBody>();
    await world.pass(10_000);
    await regenerate(world, artwork.id, other);
    const answers = [
      await post(world, key, { ...FOX, colour: "red" }),
      await regenerate(world, artwork.id, other, { colour: "red" }),
    ];
    expect(await Promise.all(answers.map(codeOf))).toEqual(["invalid_fields", "invalid_fields"]);
  });
});
