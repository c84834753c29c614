/**
 * Common OpenAI packages against the real Worker under the real `wrangler dev`: their results, the errors that they
 * raise, and the number of create calls when they time out and retry.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { generateImage, generateText, streamText } from "ai";
import OpenAI, {
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  toFile,
} from "openai";
import { png, pngOf } from "../support/fixtures/images.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";

const apiKey = "root-key";
let stage: Stage;
let simulator: Simulator;
let client: OpenAI;
let baseURL: string;

before(async () => {
  stage = await startStage({ taskMs: 500, vars: { API_KEY: apiKey } });
  simulator = stage.simulator;
  baseURL = `${stage.url}/v1`;
  client = new OpenAI({ apiKey, baseURL });
});

after(() => stage?.close());

interface ListedArtwork {
  readonly prompt: string;
  readonly generation: { readonly terminal: boolean };
}

const ask = (content: string) => [{ role: "user" as const, content }];

/** The target of a link in Markdown. */
async function imageIn(markdown: string | null | undefined): Promise<Uint8Array> {
  const [, url = ""] = /!\[[^\]]*\]\((\S+)\)/.exec(markdown ?? "") ?? [];
  const response = await fetch(url);
  assert.match(response.headers.get("Content-Type") ?? "", /^image\//);
  return new Uint8Array(await response.arrayBuffer());
}

void describe("openai", () => {
  void test("gets an image from a chat", async () => {
    const answer = await client.chat.completions.create({ model: "z-image", messages: ask("a cat 16:9") });
    const content = answer.choices[0]?.message.content;
    assert.ok((await imageIn(content)).length > 100);
    assert.match(content ?? "", /\*\*Prompt:\*\* a cat\s+\*\*Model:\*\* z-image\s+\*\*Size:\*\* \d+×\d+/);
    assert.equal(answer.usage?.total_tokens, 0);
    assert.ok(answer._request_id);
  });

  void test("gets an image streamed, with progress and usage", async () => {
    const stream = await client.chat.completions.create({
      model: "flux-kontext-pro",
      messages: ask("a dog [sim:slow=2]"),
      stream: true,
      stream_options: { include_usage: true },
    });
    let content = "";
    let usage = null;
    for await (const { choices, usage: reported } of stream) {
      content += choices[0]?.delta.content ?? "";
      usage = reported ?? usage;
    }
    assert.match(content, /^> Queued …/);
    assert.ok((await imageIn(content)).length > 100);
    assert.deepEqual(usage, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
  });

  void test("edits the data: URL image of a message", async () => {
    const url = `data:image/png;base64,${Buffer.from(await png()).toString("base64")}`;
    const answer = await client.chat.completions.create({
      model: "google/nano-banana",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "make it night" },
            { type: "image_url", image_url: { url } },
          ],
        },
      ],
    });
    assert.equal(answer.model, "google/nano-banana-edit");
    assert.ok((await imageIn(answer.choices[0]?.message.content)).length > 100);
  });

  void test("gets the same file as a link and as base64", async () => {
    const links = await client.images.generate({
      model: "z-image",
      prompt: "a fox",
      n: 2,
      size: "1536x1024",
    });
    assert.equal(links.data?.length, 2);
    const bytes = await client.images.generate({ prompt: "an owl", response_format: "b64_json" });
    const file = Buffer.from(bytes.data?.[0]?.b64_json ?? "", "base64");
    assert.deepEqual([...file.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.equal(bytes.output_format, "jpeg");
  });

  void test("gets an image as the only event of a stream", async () => {
    const stream = await client.images.generate({ prompt: "a hare", stream: true, partial_images: 1 });
    const types = [];
    for await (const event of stream) types.push([event.type, event.b64_json.length > 100]);
    assert.deepEqual(types, [["image_generation.completed", true]]);
  });

  void test("edits two files", async () => {
    const image = [await toFile(await png("one"), "one.png"), await toFile(await pngOf(50_000), "two.png")];
    const answer = await client.images.edit({
      model: "google/nano-banana-edit",
      image,
      prompt: "side by side",
    });
    assert.ok((await (await fetch(answer.data?.[0]?.url ?? "")).arrayBuffer()).byteLength > 100);
    const input = simulator.tasks.at(-1)?.body["input"] as { image_urls: string[] };
    assert.equal(input.image_urls.length, 2);
  });

  void test("lists models and finds one by an id with a slash", async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    assert.ok(ids.includes("google/nano-banana"));
    assert.equal((await client.models.retrieve("google/nano-banana")).object, "model");
  });

  void test("raises typed errors with code and request id, without a retry", async () => {
    const creates = simulator.creates();
    const errorOf = async (call: Promise<unknown>): Promise<unknown> =>
      await call.then(
        () => assert.fail("nothing was raised"),
        (error: unknown) => error,
      );
    const unknown = await errorOf(
      client.chat.completions.create({ model: "gpt-4o", messages: ask("a cat") }),
    );
    assert.ok(unknown instanceof NotFoundError);
    assert.deepEqual(
      [unknown.code, unknown.type, unknown.param],
      ["model_not_found", "invalid_request_error", "model"],
    );
    assert.ok(unknown.requestID);
    const empty = await errorOf(client.chat.completions.create({ model: "z-image", messages: [] }));
    assert.ok(empty instanceof BadRequestError);
    assert.equal(empty.param, "messages");
    const stranger = new OpenAI({ apiKey: "wrong", baseURL });
    assert.ok((await errorOf(stranger.models.list().then())) instanceof AuthenticationError);
    const lost = new OpenAI({ apiKey, baseURL: stage.url });
    const wrongPath = await errorOf(
      lost.chat.completions.create({ model: "z-image", messages: ask("a cat") }),
    );
    assert.ok(wrongPath instanceof NotFoundError);
    assert.match(wrongPath.message, /Did you mean \/v1\/chat\/completions\?/);
    assert.equal(simulator.creates(), creates);
  });

  void test("gets the reason of a failed job and pays for no second one", async () => {
    const creates = simulator.creates();
    const failing = client.images.generate({ prompt: `a cat ${creates} [sim:fail-500]` });
    await assert.rejects(failing, { code: "provider_error", status: 400 });
    assert.equal(simulator.creates(), creates + 1);
  });
});

void describe("openai that times out after 300 ms and retries", () => {
  const impatient = () => new OpenAI({ apiKey, baseURL, timeout: 300 });
  /** Waits for the end of every artwork with this prompt, duplicates too. */
  const settled = (prompt: string) =>
    until(
      async () => {
        const headers = { Authorization: `Bearer ${apiKey}` };
        const response = await fetch(`${stage.url}/api/artworks?limit=100`, { headers });
        const { data } = (await response.json()) as { data: ListedArtwork[] };
        const made = data.filter((artwork) => artwork.prompt === prompt);
        return made.length > 0 && made.every(({ generation }) => generation.terminal);
      },
      30_000,
      `every artwork of "${prompt}" has ended`,
    );

  void test("pays for one chat, and a retry gets the image of the first request", async () => {
    const creates = simulator.creates();
    const prompt = `a slow cat ${creates} [sim:slow=3]`;
    const hasty = impatient().chat.completions.create({ model: "flux-kontext-pro", messages: ask(prompt) });
    await assert.rejects(hasty, APIConnectionTimeoutError);
    await settled(prompt);
    assert.equal(simulator.creates(), creates + 1);
    const headers = { "x-stainless-retry-count": "2" };
    const late = await client.chat.completions.create(
      { model: "flux-kontext-pro", messages: ask(prompt) },
      { headers },
    );
    assert.ok((await imageIn(late.choices[0]?.message.content)).length > 100);
    assert.equal(simulator.creates(), creates + 1);
  });

  void test("pays for each image once", async () => {
    const creates = simulator.creates();
    const prompt = `a slow dog ${creates} [sim:slow=3]`;
    await assert.rejects(impatient().images.generate({ prompt }), APIConnectionTimeoutError);
    const prompts = `slow dogs ${creates} [sim:slow=3]`;
    const two = impatient().images.generate({ model: "z-image", n: 2, prompt: prompts });
    await assert.rejects(two, APIConnectionTimeoutError);
    await settled(prompt);
    await settled(prompts);
    assert.equal(simulator.creates(), creates + 3);
  });

  void test("pays for one edit when it sends its files again", async () => {
    const creates = simulator.creates();
    const image = await toFile(await png(`edit ${creates}`), "a.png");
    const prompt = `make it night ${creates} [sim:slow=3]`;
    await assert.rejects(impatient().images.edit({ image, prompt }), APIConnectionTimeoutError);
    await settled(prompt);
    assert.equal(simulator.creates(), creates + 1);
  });
});

void describe("ai with @ai-sdk/openai-compatible", () => {
  const provider = () => createOpenAICompatible({ name: "darkroom", apiKey, baseURL });

  void test("makes an image, and edits one", async () => {
    const made = await generateImage({
      model: provider().imageModel("z-image"),
      prompt: "a fox",
      size: "1024x1024",
    });
    assert.ok(made.image.uint8Array.length > 100);
    const images = [Buffer.from(await png()), Buffer.from(await png("other"))];
    const edited = await generateImage({
      model: provider().imageModel("google/nano-banana"),
      prompt: { text: "make it night", images },
    });
    assert.ok(edited.image.uint8Array.length > 100);
  });

  void test("chats, whole and streamed", async () => {
    const { text } = await generateText({ model: provider().chatModel("z-image"), prompt: "a cat" });
    assert.ok((await imageIn(text)).length > 100);
    const streamed = await streamText({ model: provider().chatModel("z-image"), prompt: "a dog" }).text;
    assert.ok((await imageIn(streamed)).length > 100);
  });

  void test("pays once for a job that fails", async () => {
    const creates = simulator.creates();
    const prompt = `a cat ${creates} [sim:fail-500]`;
    await assert.rejects(generateText({ model: provider().chatModel("z-image"), prompt }));
    assert.equal(simulator.creates(), creates + 1);
  });
});

void describe("@langchain/openai", () => {
  let requests = 0;
  const counted: typeof fetch = (...given) => {
    requests += 1;
    return fetch(...given);
  };
  const chat = () => new ChatOpenAI({ model: "z-image", apiKey, configuration: { baseURL, fetch: counted } });

  void test("chats, whole and streamed", async () => {
    assert.ok((await imageIn((await chat().invoke("a cat")).text)).length > 100);
    let text = "";
    for await (const part of await chat().stream("a dog")) text += part.text;
    assert.ok((await imageIn(text)).length > 100);
  });

  void test("pays once for a job that fails, and does not retry a refused request", async () => {
    const creates = simulator.creates();
    await assert.rejects(chat().invoke(`a cat ${creates} [sim:fail-500]`));
    assert.equal(simulator.creates(), creates + 1);
    const sentBefore = requests;
    await assert.rejects(chat().invoke("a".repeat(1_001)));
    assert.equal(requests, sentBefore + 1);
  });
});
