import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { png } from "../../support/fixtures/images.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { ask, errorOf, untilCreated, whileTimePasses } from "../../support/openai.ts";
import type { CompletionBody, ImagesBody } from "../../support/openai.ts";
import { slowSteps } from "../../support/query-plans.ts";

const RETRY = { "x-stainless-retry-count": "1" };

const generate = (world: World, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  world.call("POST", "/v1/images/generations", { body, headers });

describe("a client's retry", () => {
  it("joins the job that its chat started, while it runs and after its end", async () => {
    const world = createWorld();
    const prompt = `a cat ${crypto.randomUUID()} [sim:slow=20]`;
    const first = ask(world, prompt);
    await untilCreated(world);
    const second = ask(world, prompt, {}, RETRY);
    const bodies = [await whileTimePasses(world, first), await whileTimePasses(world, second)];
    await world.pass(60_000);
    bodies.push(await ask(world, prompt, {}, RETRY));
    const completions = await Promise.all(bodies.map((response) => response.json<CompletionBody>()));
    expect(new Set(completions.map(({ id }) => id)).size).toBe(1);
    expect(new Set(completions.map(({ choices }) => choices[0]?.message.content)).size).toBe(1);
    expect(bodies.map((response) => response.headers.get("Idempotent-Replayed"))).toEqual([
      null,
      "true",
      "true",
    ]);
    expect(world.simulator.creates()).toBe(1);
  });

  it("is an image of its own without the mark, or with another prompt", async () => {
    const world = createWorld();
    const prompt = `a cat ${crypto.randomUUID()}`;
    await whileTimePasses(world, ask(world, prompt));
    await whileTimePasses(world, ask(world, prompt));
    await whileTimePasses(world, ask(world, `${prompt} 16:9`, {}, RETRY));
    expect(world.simulator.creates()).toBe(3);
  });

  it("gets the failure of the job that it repeats, and pays for no other", async () => {
    const world = createWorld();
    const prompt = `a cat ${crypto.randomUUID()} [sim:fail-500]`;
    await whileTimePasses(world, ask(world, prompt));
    const again = await ask(world, prompt, {}, RETRY);
    expect([again.status, (await errorOf(again)).code]).toEqual([400, "provider_error"]);
    expect(world.simulator.creates()).toBe(1);
  });

  it("joins all images of its call, and makes those that the first did not come to", async () => {
    const world = createWorld();
    const body = { prompt: `a cat ${crypto.randomUUID()}`, n: 3, model: "z-image" };
    const first = await whileTimePasses(world, generate(world, body));
    const urls = (await first.json<ImagesBody>()).data.map(({ url }) => url);
    const again = await (await generate(world, body, RETRY)).json<ImagesBody>();
    expect(again.data.map(({ url }) => url)).toEqual(urls);
    expect(world.simulator.creates()).toBe(3);
    await env.DB.prepare("update artworks set deleted_at = 1 where id = ?").bind(artworkIn(urls[2])).run();
    const third = await whileTimePasses(world, generate(world, body, RETRY));
    expect((await third.json<ImagesBody>()).data.map(({ url }) => url).slice(0, 2)).toEqual(urls.slice(0, 2));
    expect(world.simulator.creates()).toBe(4);
  });

  it("of an edit brings its files again, and leaves no second copy of them", async () => {
    const world = createWorld();
    const bytes = await png(crypto.randomUUID());
    const edit = (headers: Record<string, string>) => {
      const form = new FormData();
      form.set("image", new File([bytes], "a.png"));
      form.set("prompt", "make it night");
      const all = { Authorization: "Bearer root-key", ...headers };
      return world.send(
        new Request(`${ORIGIN}/v1/images/edits`, { method: "POST", headers: all, body: form }),
      );
    };
    const count = async () => (await env.MEDIA.list({ prefix: "uploads/" })).objects.length;
    const first = await whileTimePasses(world, edit({}));
    const before = await count();
    const again = await whileTimePasses(world, edit(RETRY));
    expect(await again.json()).toEqual(await first.json());
    expect(await count()).toBe(before);
    expect(world.simulator.creates()).toBe(1);
  });
});

describe("an Idempotency-Key", () => {
  it("is honoured: the same image, whenever it is asked for again", async () => {
    const world = createWorld();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const body = { prompt: "a cat [sim:slow=20]", n: 2, model: "z-image" };
    const first = generate(world, body, key);
    await untilCreated(world, 2);
    const second = generate(world, body, key);
    const answers = [await whileTimePasses(world, first), await whileTimePasses(world, second)];
    await world.pass(3_600_000);
    answers.push(await generate(world, body, key));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(world.simulator.creates()).toBe(2);
  });

  it("is refused for another body, or for more images", async () => {
    const world = createWorld();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    await whileTimePasses(world, generate(world, { prompt: "a cat", n: 2, model: "z-image" }, key));
    const other = await generate(world, { prompt: "a dog", n: 2, model: "z-image" }, key);
    const more = await generate(world, { prompt: "a cat", n: 3, model: "z-image" }, key);
    expect([other.status, more.status]).toEqual([400, 400]);
    expect((await errorOf(more)).code).toBe("idempotency_key_reused");
    expect(world.simulator.creates()).toBe(2);
  });
});

it("costs one batch and no scan to accept, a retry one look more", async () => {
  const world = createWorld();
  const prompt = `a cat ${crypto.randomUUID()}`;
  const first = ask(world, prompt);
  await whileTimePasses(world, first);
  await ask(world, prompt, {}, RETRY);
  expect(await slowSteps(world.queries.trips)).toEqual([]);
});

const artworkIn = (url = ""): string => /art_[0-9a-z]+/.exec(url)?.[0] ?? "";
