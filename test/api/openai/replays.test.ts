import { describe, expect, it } from "vitest";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { ask, errorOf, framesOf, whileTimePasses } from "../../support/openai.ts";
import type { CompletionBody, ImagesBody } from "../../support/openai.ts";

const MINUTE = 60_000;
const newKey = () => ({ "Idempotency-Key": crypto.randomUUID() });

const draw = (world: World, headers: Record<string, string>, more: Record<string, unknown> = {}) =>
  whileTimePasses(
    world,
    world.call("POST", "/v1/images/generations", { body: { prompt: "a cat", ...more }, headers }),
  );

const artworkOf = (response: Response): string =>
  /art_[0-9a-z]+/.exec(response.headers.get("Location") ?? "")?.[0] ?? "";

describe("a repetition after the artwork was made again", () => {
  const again = async (world: World, id: string) => {
    await world.call("POST", `/api/artworks/${id}/regenerate`, {
      body: { prompt: "a dog", model: "z-image" },
    });
    await world.pass(MINUTE);
  };

  it("shows the image that its own request made", async () => {
    const world = createWorld();
    const key = newKey();
    const first = await draw(world, key);
    await again(world, artworkOf(first));
    const second = await draw(world, key);
    expect(second.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await second.json()).toEqual(await first.json());
  });

  it("shows the chat's own answer, by the model that drew it", async () => {
    const world = createWorld();
    const key = newKey();
    const first = await whileTimePasses(world, ask(world, "a cat", {}, key));
    await again(world, artworkOf(first));
    const second = await (await ask(world, "a cat", {}, key)).json<CompletionBody>();
    expect(second).toEqual(await first.json());
    const streamed = await ask(world, "a cat", { stream: true }, key);
    const chunks = framesOf(await streamed.text()) as CompletionBody[];
    expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set([second.model]));
  });

  it("shows the failure that its own request came to", async () => {
    const world = createWorld();
    const key = newKey();
    const first = await draw(world, key, { prompt: "a cat [sim:fail-400]" });
    await again(world, artworkOf(first));
    const second = await draw(world, key, { prompt: "a cat [sim:fail-400]" });
    expect([second.status, (await errorOf(second)).code]).toEqual([400, "content_policy"]);
  });
});

describe("a repetition after the result has expired", () => {
  it.each([
    ["at once", 30 * MINUTE],
    ["when its bytes are gone", 40 * MINUTE],
  ])("is an error that names the artwork, %s", async (_when, after) => {
    const world = createWorld({ vars: { IMAGE_EXPIRATION: "1800" } });
    const headers = newKey();
    const first = await draw(world, headers);
    expect((await first.clone().json<ImagesBody>()).data).toHaveLength(1);
    await world.pass(after);
    const second = await draw(world, headers);
    expect([second.status, second.headers.get("X-Should-Retry")]).toEqual([400, "false"]);
    const error = await errorOf(second);
    expect(error).toMatchObject({
      code: "result_expired",
      type: "invalid_request_error",
      artwork: { id: artworkOf(first) },
    });
    expect(error.message).toMatch(/ expired at /);
    expect(world.simulator.creates()).toBe(1);
  });

  it("is an error in a chat too", async () => {
    const world = createWorld({ vars: { IMAGE_EXPIRATION: "1800" } });
    const key = newKey();
    await whileTimePasses(world, ask(world, "a cat", {}, key));
    await world.pass(40 * MINUTE);
    const second = await ask(world, "a cat", {}, key);
    expect([second.status, (await errorOf(second)).code]).toEqual([400, "result_expired"]);
  });
});
