import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { png } from "../../support/fixtures/images.ts";
import { bytesOf } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import { ask, chatOnce, errorOf, framesOf, untilCreated, whileTimePasses } from "../../support/openai.ts";
import type { CompletionBody } from "../../support/openai.ts";
import { createFetchingWorld } from "../../support/upload.ts";

afterEach(() => void vi.useRealTimers());

const contentOf = (body: CompletionBody): string => body.choices[0]?.message.content ?? "";

const countUploads = async () => (await env.MEDIA.list({ prefix: "uploads/" })).objects.length;

describe("a chat", () => {
  it("is answered with the image, the prompt, the model and the real size", async () => {
    const world = createWorld();
    const response = await whileTimePasses(world, ask(world, "a cat 16:9", { temperature: 1, tools: [] }));
    expect(response.status).toBe(200);
    const body = await response.json<CompletionBody>();
    expect(body).toMatchObject({ object: "chat.completion", model: "flux-kontext-pro" });
    expect(response.headers.get("Location")).toContain(body.id.replace("chatcmpl-", ""));
    const [, url = ""] = /^!\[a cat\]\((.*)\)/.exec(contentOf(body)) ?? [];
    const artwork = await (
      await world.call("GET", `/api/artworks/${body.id.replace("chatcmpl-", "")}`)
    ).json<ArtworkBody>();
    const [output] = artwork.outputs;
    expect(output?.url).toBe(url);
    expect((await bytesOf(world, output!)).length).toBe(output?.bytes);
    expect(contentOf(body)).toContain(`**Size:** ${output?.width}×${output?.height}`);
    expect(world.simulator.tasks[0]?.body).toMatchObject({ prompt: "a cat", aspectRatio: "16:9" });
  });

  it("draws the nearest ratio that the model takes, and says so", async () => {
    const world = createWorld();
    const body = await chatOnce(world, "a cat 1:2", { model: "z-image" });
    expect(world.simulator.tasks[0]?.body["input"]).toMatchObject({ aspect_ratio: "9:16" });
    expect(contentOf(body)).toContain("9:16 is the nearest ratio to 1:2 that this model supports");
  });

  it("links a video", async () => {
    const world = createWorld();
    const body = await chatOnce(world, "a train", { model: "veo3_fast" });
    expect(contentOf(body)).toMatch(/^\[a train\]\(http.*\.mp4\)/);
  });

  it("edits the image that comes with the message, with the model that edits for the one that is named", async () => {
    const world = createFetchingWorld();
    const data = `data:image/png;base64,${(await png()).toBase64()}`;
    const parts = [
      { type: "text", text: "make it night" },
      { type: "image_url", image_url: { url: data } },
      { type: "image_url", image_url: { url: "https://images.example/b.png" } },
    ];
    const body = await chatOnce(world, parts, { model: "google/nano-banana" });
    expect(body.model).toBe("google/nano-banana-edit");
    const input = world.simulator.tasks[0]?.body["input"];
    expect(input).toMatchObject({
      prompt: "make it night",
      image_urls: [expect.stringContaining("/media/uploads/upl_"), "https://images.example/b.png"],
    });
  });

  it("takes an image of more than a megabyte, and 413 for what no model takes", async () => {
    const world = createWorld();
    const image = (megabytes: number) => [
      { type: "text", text: "make it night" },
      {
        type: "image_url",
        image_url: { url: `data:image/png;base64,${"A".repeat(megabytes * 1024 * 1024)}` },
      },
    ];
    const notAPicture = await ask(world, image(2));
    expect([notAPicture.status, (await errorOf(notAPicture)).param]).toEqual([415, "messages"]);
    expect((await ask(world, image(21))).status).toBe(413);
  });
});

describe("a chat that cannot be answered", () => {
  it.each([
    ["no message", { messages: [] }, 400, "messages"],
    ["no user", { messages: [{ role: "system", content: "paint" }] }, 400, "messages"],
    ["a ratio alone", { messages: [{ role: "user", content: "16:9" }] }, 400, "messages"],
    ["no messages", {}, 400, "messages"],
    ["two answers", { messages: [{ role: "user", content: "a cat" }], n: 2 }, 400, "n"],
    ["an unknown model", { messages: [{ role: "user", content: "a cat" }], model: "gpt-4o" }, 404, "model"],
    [
      "a prompt too long",
      { messages: [{ role: "user", content: "a".repeat(1_001) }], model: "z-image" },
      400,
      "messages",
    ],
    [
      "a private image",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "x" },
              { type: "image_url", image_url: "http://10.0.0.1/a.png" },
            ],
          },
        ],
      },
      400,
      "messages",
    ],
  ])(
    "(%s) is refused before anything is written, and not to be tried again",
    async (_what, body, status, param) => {
      const world = createWorld();
      const response = await world.call("POST", "/v1/chat/completions", { body });
      expect(response.status).toBe(status);
      expect(response.headers.get("Content-Type")).toBe("application/json");
      expect(response.headers.get("X-Should-Retry")).toBe("false");
      expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error", param });
      expect(world.simulator.creates()).toBe(0);
    },
  );

  it("leaves nothing of the images that came with it", async () => {
    const world = createWorld();
    const before = await countUploads();
    const parts = [
      { type: "text", text: "make it night" },
      { type: "image_url", image_url: `data:image/png;base64,${(await png()).toBase64()}` },
      { type: "image_url", image_url: "ftp://images.example/a.png" },
    ];
    expect((await ask(world, parts, { model: "google/nano-banana-edit" })).status).toBe(400);
    expect(await countUploads()).toBe(before);
  });

  it("needs the key", async () => {
    const response = await ask(createWorld(), "a cat", {}, { Authorization: "Bearer wrong" });
    expect([response.status, (await errorOf(response)).type]).toEqual([401, "authentication_error"]);
  });

  it("says of a job that failed at once why, in a status that nobody repeats", async () => {
    const world = createWorld();
    const response = await whileTimePasses(world, ask(world, "a cat [sim:fail-400]"));
    expect([response.status, response.headers.get("X-Should-Retry")]).toEqual([400, "false"]);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: "invalid_request_error", code: "content_policy" });
    const status = await world.call("GET", new URL(error.artwork?.status_url ?? "").pathname);
    expect(await status.json()).toMatchObject({ status: "failed", artworkId: error.artwork?.id });
  });
});

describe("a chat whose image takes its time", () => {
  it("sends whitespace every ten seconds, then the answer", async () => {
    const world = createWorld();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const pending = ask(world, "a cat [sim:slow=30]");
    await untilCreated(world);
    await vi.advanceTimersByTimeAsync(10_000);
    const response = await pending;
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    const text = response.text();
    await vi.advanceTimersByTimeAsync(20_000);
    const whole = await whileTimePasses(world, text);
    expect(whole).toMatch(/^ {3}\{/);
    expect(contentOf(JSON.parse(whole) as CompletionBody)).toContain("![a cat");
  });

  it("ends after 290 seconds with an error that says where the paid job can be fetched", async () => {
    const world = createWorld();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const startedAt = world.clock.now();
    const pending = ask(world, "a cat [sim:slow=400]");
    await untilCreated(world);
    await vi.advanceTimersByTimeAsync(10_000);
    const text = await whileTimePasses(world, (await pending).text());
    expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(290_000);
    expect(world.clock.now() - startedAt).toBeLessThan(295_000);
    const { error } = JSON.parse(text) as CompletionBody;
    expect(error).toMatchObject({ code: "still_running", type: "server_error" });
    await world.pass(200_000);
    const status = await world.call("GET", new URL(error?.artwork?.status_url ?? "").pathname);
    expect(await status.json()).toMatchObject({ status: "completed" });
    expect(error?.message).toContain(error?.artwork?.status_url ?? "nowhere");
  });

  it("goes on when its client leaves", async () => {
    const world = createWorld();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const pending = ask(world, "a cat [sim:slow=30]");
    await untilCreated(world);
    await vi.advanceTimersByTimeAsync(10_000);
    const response = await pending;
    await response.body?.cancel();
    await world.pass(60_000);
    const status = await world.call("GET", new URL(response.headers.get("Location") ?? "").pathname);
    expect(await status.json()).toMatchObject({ status: "completed" });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a streamed chat", () => {
  interface Chunk {
    readonly choices: readonly {
      readonly delta: { role?: string; content?: string };
      finish_reason: string | null;
    }[];
    readonly usage?: unknown;
    readonly error?: unknown;
  }
  const stream = async (prompt: string, more: Record<string, unknown> = {}) => {
    const world = createWorld();
    const response = await ask(world, prompt, { stream: true, ...more });
    const text = await whileTimePasses(world, response.text());
    return { response, text, chunks: framesOf(text) as Chunk[] };
  };
  const said = (chunks: readonly Chunk[]) =>
    chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

  it("streams the role, the progress, the image and the end", async () => {
    const { response, text, chunks } = await stream("a cat [sim:slow=20] [sim:no-callback]");
    expect(response.headers.get("Content-Type")).toMatch(/^text\/event-stream/);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    const content = said(chunks);
    expect(content).toMatch(/^> Queued …\s+> Started …\s+(> \d+ % …\s+)*(> Storing …\s+)?!\[a cat/);
    expect(content).toContain("**Size:**");
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(chunks.every((chunk) => chunk.usage === undefined)).toBe(true);
  });

  it("ends with usage when asked", async () => {
    const { chunks } = await stream("a cat", { stream_options: { include_usage: true } });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 0 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it("ends with an error frame when the job fails", async () => {
    const { chunks, text } = await stream("a cat [sim:fail-500]");
    expect(chunks.at(-1)).toMatchObject({
      error: {
        code: "provider_error",
        type: "server_error",
        artwork: { id: expect.stringMatching(/^art_/) },
      },
    });
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("is refused with a status where nothing was accepted", async () => {
    const response = await ask(createWorld(), "a cat", { stream: true, model: "nobody" });
    expect([response.status, (await errorOf(response)).code]).toEqual([404, "model_not_found"]);
  });

  it("keeps the connection alive with comments", async () => {
    const world = createWorld();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const response = await ask(world, "a cat", { stream: true });
    const text = response.text();
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await whileTimePasses(world, text)).match(/^: still at work$/gm)?.length).toBe(2);
  });
});
