import { describe, expect, it } from "vitest";
import { bytesOfDataUrl } from "../../../src/lib/data-url.ts";
import { isRefusal } from "../../../src/domain/refusal.ts";
import { chooseModel } from "../../../src/api/openai/choose-model.ts";
import { chunk, completion, usageChunk } from "../../../src/api/openai/completion.ts";
import { answerMarkdown, progressText } from "../../../src/api/openai/markdown.ts";
import { readChatRequest } from "../../../src/api/openai/messages.ts";
import { splitRatio } from "../../../src/api/openai/ratio.ts";
import { findModel } from "../../../src/models/find-model.ts";
import { MODELS } from "../../../src/models/index.ts";
import { createWorld } from "../../support/harness.ts";

const { settings } = createWorld().deps;
const models = { models: MODELS, settings };

describe("a ratio at the end of a prompt", () => {
  it.each([
    ["a cat 16:9", "a cat", "16:9"],
    ["一只可爱的猫咪 3:2", "一只可爱的猫咪", "3:2"],
    ["一只可爱的猫咪　3：2", "一只可爱的猫咪", "3:2"],
    ["  a cat\n9:16  ", "a cat", "9:16"],
    ["a cat, 1:1", "a cat", "1:1"],
    ["一只猫，4:3", "一只猫", "4:3"],
    ["a cat 2:1 16:9", "a cat 2:1", "16:9"],
    ["16:9", "", "16:9"],
  ])("of %j is cut off", (text, prompt, ratio) => {
    expect(splitRatio(text)).toStrictEqual({ prompt, ratio });
  });

  it.each([
    "a cat 5:4",
    "a clock at 10:30",
    "a 16:9 cat",
    "a cat16:9",
    "chapter 116:9",
    "a cat 16:90",
    "a cat",
  ])("is none in %j", (text) => {
    expect(splitRatio(text)).toStrictEqual({ prompt: text, ratio: null });
  });

  it("is found in no time at the end of a long prompt", () => {
    const startedAt = performance.now();
    expect(splitRatio(`a${" ,".repeat(200_000)}b 3:4`).ratio).toBe("3:4");
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe("the last user message", () => {
  const user = (content: unknown) => ({ role: "user", content });

  it.each([
    ["a text", [user(" a cat ")], "a cat", []],
    [
      "the last of several",
      [user("a dog"), { role: "assistant", content: "![x](y)" }, user("a cat")],
      "a cat",
      [],
    ],
    ["not the system's", [user("a cat"), { role: "system", content: "be nice" }], "a cat", []],
    [
      "text parts",
      [
        user([
          { type: "text", text: "a cat" },
          { type: "text", text: "at night" },
        ]),
      ],
      "a cat\nat night",
      [],
    ],
    [
      "images",
      [
        user([
          { type: "image_url", image_url: { url: "https://a.example/1.png", detail: "low" } },
          { type: "text", text: "make it night" },
          { type: "image_url", image_url: "data:image/png;base64,AA==" },
        ]),
      ],
      "make it night",
      ["https://a.example/1.png", "data:image/png;base64,AA=="],
    ],
    ["beside a message that cannot be read", [{ role: "tool", content: 7 }, user("a cat")], "a cat", []],
  ])("is %s", (_what, messages, text, images) => {
    expect(readChatRequest({ messages })).toStrictEqual({ text, images });
  });

  it.each([
    ["there is none", []],
    ["only the system speaks", [{ role: "system", content: "you are a painter" }]],
    ["it has no content", [{ role: "user", content: null }]],
    ["its parts are none", [user([{ text: 7 }])]],
  ])("is missing where %s", (_what, messages) => {
    expect(readChatRequest({ messages })).toBeNull();
  });
});

describe("a data: URL", () => {
  it("becomes its bytes", () => {
    const bytes = bytesOfDataUrl("data:image/png;charset=utf-8;base64,AQID");
    expect(bytes).toStrictEqual(Uint8Array.of(1, 2, 3));
  });

  it.each(["data:image/png,hello", "data:image/png;base64,*", "https://a.example"])("is not %j", (url) => {
    expect(bytesOfDataUrl(url)).toBeNull();
  });
});

describe("the model", () => {
  it.each([
    [null, false, "flux-kontext-pro"],
    ["z-image", false, "z-image"],
    ["google/nano-banana", true, "google/nano-banana-edit"],
    ["flux-kontext-max", true, "flux-kontext-max"],
    ["sora-2", false, "sora-2-text-to-video"],
    ["sora-2-pro-2025-10-06", true, "sora-2-pro-image-to-video"],
  ])("of %j with images: %j is %s", (named, hasImages, id) => {
    expect(chooseModel(models, named, hasImages)).toMatchObject({ model: { id } });
  });

  it("that takes no images is refused with those that do", () => {
    const refusal = chooseModel(models, "z-image", true);
    expect(refusal).toMatchObject({ refused: "invalid_fields", issues: [{ path: "model" }] });
    expect(isRefusal(refusal) && refusal.message).toContain("google/nano-banana-edit, nano-banana-pro");
  });

  it("that edits images is refused without one, with the one to use for text", () => {
    const refusal = chooseModel(models, "google/nano-banana-edit", false);
    expect(isRefusal(refusal) && refusal.message).toBe(
      "model edits images: send one, or use google/nano-banana for text alone",
    );
  });

  it("that nobody knows is not found", () => {
    expect(chooseModel(models, "gpt-4o", false)).toMatchObject({ refused: "model_not_found" });
    expect(findModel(models, "gpt-4o")).toBeNull();
  });
});

describe("the Markdown of an answer", () => {
  const file = { url: "https://a.example/1.png", key: "k", contentType: "image/png", width: 40, height: 30 };
  const made = {
    id: "art_1",
    prompt: "a [cat]\nat night",
    optimizedPrompt: null,
    model: "z-image",
    files: [file],
  };
  const asAsked = { asked: null, drawn: null };

  it("shows the image, the prompt, the model and the real size", () => {
    expect(answerMarkdown(made, asAsked)).toBe(
      "![a cat at night](https://a.example/1.png)\n\n**Prompt:** a \\[cat\\] at night  \n**Model:** z-image  \n**Size:** 40×30",
    );
  });

  it("links a video, and leaves out a size that nobody knows", () => {
    const video = { ...file, contentType: "video/mp4", width: null, height: null };
    const text = answerMarkdown({ ...made, files: [video] }, asAsked);
    expect(text).toMatch(/^\[a cat at night\]/);
    expect(text).not.toContain("Size");
  });

  it("shows a rewritten prompt and every image, and says when another ratio was drawn", () => {
    const text = answerMarkdown(
      { ...made, optimizedPrompt: "a tabby", files: [file, { ...file, url: "https://a.example/2.png" }] },
      { asked: "2:1", drawn: "16:9" },
    );
    expect(text).toContain("1.png)\n\n![a cat at night](https://a.example/2.png)");
    expect(text).toContain("**Optimized prompt:** a tabby");
    expect(text).toContain("40×30 (16:9 is the nearest ratio to 2:1 that this model supports)");
  });

  it.each([
    ["queued", null, "Queued"],
    ["submitting", null, "Started"],
    ["processing", null, "Started"],
    ["processing", 0.4, "40 %"],
    ["storing", 1, "Storing"],
    ["completed", 1, null],
  ] as const)("says of %s at %j: %j", (status, progress, text) => {
    expect(progressText({ status, progress })).toBe(text);
  });
});

describe("the objects of a completion", () => {
  const about = { id: "chatcmpl-1", created: 7, model: "z-image" };
  const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

  it("are OpenAI's, whole and in chunks", () => {
    expect(completion(about, "hello")).toStrictEqual({
      ...about,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "hello", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage,
    });
    const choice = { index: 0, delta: { content: "hel" }, logprobs: null, finish_reason: null };
    expect(chunk(about, { content: "hel" })).toStrictEqual({
      ...about,
      object: "chat.completion.chunk",
      choices: [choice],
    });
    expect(chunk(about, {}, { isEnd: true, showsUsage: true })).toMatchObject({
      choices: [{ delta: {}, finish_reason: "stop" }],
      usage: null,
    });
    expect(usageChunk(about)).toMatchObject({ choices: [], usage });
  });
});
