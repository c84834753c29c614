import { describe, expect, it } from "vitest";
import { fieldsOfForm } from "../../../src/http/form.ts";
import { isRefusal } from "../../../src/domain/refusal.ts";
import { parse } from "../../../src/lib/issues.ts";
import { MODELS } from "../../../src/models/index.ts";
import { chooseModel } from "../../../src/api/openai/choose-model.ts";
import type { Chosen } from "../../../src/api/openai/choose-model.ts";
import { base64Of } from "../../../src/api/openai/image-answer.ts";
import { readEdit } from "../../../src/api/openai/edit-body.ts";
import { GenerationFields, orderOf, withTypes } from "../../../src/api/openai/image-fields.ts";
import { nearestRatio, ratioOfSize } from "../../../src/api/openai/ratio.ts";
import { createWorld } from "../../support/harness.ts";

const { settings } = createWorld().deps;
const models = { models: MODELS, settings };

function chosen(id: string, hasImages = false): Chosen {
  const found = chooseModel(models, id, hasImages);
  if (isRefusal(found)) throw new Error(found.message);
  return found;
}

describe("a size", () => {
  it.each([
    ["1024x1024", "1024:1024"],
    ["1792x1024", "1792:1024"],
    ["16:9", "16:9"],
    ["auto", null],
    ["", null],
    ["large", undefined],
    ["0x10", undefined],
    ["10x", undefined],
  ])("%j is %j", (size, ratio) => {
    expect(ratioOfSize(size)).toBe(ratio);
  });

  it.each([
    ["1792:1024", ["1:1", "16:9", "9:16", "3:2"], "16:9"],
    ["1536:1024", ["1:1", "16:9", "9:16", "3:2"], "3:2"],
    ["2:1", ["1:1", "16:9", "21:9"], "16:9"],
    ["1:2", ["1:1", "16:9", "9:16"], "9:16"],
    ["1:1", ["3:2", "2:3", "1:1"], "1:1"],
    ["1:1", [], null],
  ])("of %s is drawn as the nearest of %j", (wanted, ratios, nearest) => {
    expect(nearestRatio(wanted, ratios)).toBe(nearest);
  });
});

describe("an image call's fields", () => {
  const order = (model: string, fields: Record<string, unknown>) => {
    const parsed = GenerationFields.parse({ prompt: "a cat", ...fields });
    const { body, count } = orderOf(parsed, chosen(model), { images: [], mask: undefined });
    return { ...(JSON.parse(JSON.stringify(body)) as object), count };
  };
  const cat = { prompt: "a cat" };

  it.each([
    ["z-image", {}, { ...cat, model: "z-image", count: 1 }],
    ["z-image", { size: "1792x1024" }, { ...cat, model: "z-image", aspectRatio: "16:9", count: 1 }],
    ["z-image", { size: "auto", n: 3 }, { ...cat, model: "z-image", count: 3 }],
    ["gpt-4o-image", { n: 2 }, { ...cat, model: "gpt-4o-image", variants: 2, count: 1 }],
    ["gpt-4o-image", { n: 3 }, { ...cat, model: "gpt-4o-image", count: 3 }],
    ["gpt-4o-image", { size: "1536x1024" }, { ...cat, model: "gpt-4o-image", aspectRatio: "3:2", count: 1 }],
    [
      "google/nano-banana",
      { output_format: "png" },
      { ...cat, model: "google/nano-banana", outputFormat: "png", count: 1 },
    ],
    [
      "google/nano-banana",
      { output_format: "webp", user: "u" },
      { ...cat, model: "google/nano-banana", count: 1 },
    ],
    [
      "seedream/4.5-text-to-image",
      { quality: "hd", background: "opaque" },
      { ...cat, model: "seedream/4.5-text-to-image", input: { quality: "high" }, count: 1 },
    ],
    ["z-image", { quality: "high", style: "vivid" }, { ...cat, model: "z-image", count: 1 }],
  ])("for %s with %j ask for what the model has", (model, fields, expected) => {
    expect(order(model, fields)).toStrictEqual(expected);
  });

  it.each([
    [{ n: 0 }, "n"],
    [{ n: 11 }, "n"],
    [{ size: "big" }, "size"],
    [{ response_format: "jpeg" }, "response_format"],
    [{ prompt: "  " }, "prompt"],
  ])("with %j are refused", (fields, path) => {
    const parsed = parse(GenerationFields, { ...cat, ...fields });
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toStrictEqual([path]);
  });

  it("of a form are what JSON would have", () => {
    const form = new FormData();
    for (const [name, value] of [
      ["prompt", "a cat"],
      ["n", "2"],
      ["stream", "true"],
    ] as const)
      form.set(name, value);
    form.set("image", new File(["x"], "x.png"));
    expect(readEdit(withTypes(fieldsOfForm(form)))).toStrictEqual({
      fields: { prompt: "a cat", n: 2, stream: true },
      images: [{ param: "image", source: expect.any(File) }],
      mask: null,
    });
    form.set("n", "two");
    expect(isRefusal(readEdit(withTypes(fieldsOfForm(form))))).toBe(true);
  });

  it("of a form hold the images of both spellings", () => {
    const form = new FormData();
    form.set("prompt", "a cat");
    form.append("image[]", "https://a.example/1.png");
    form.append("image[]", "https://a.example/2.png");
    form.append("image", "https://a.example/3.png");
    expect(readEdit(fieldsOfForm(form))).toMatchObject({
      images: [
        { source: "https://a.example/1.png" },
        { source: "https://a.example/2.png" },
        { source: "https://a.example/3.png" },
      ],
    });
  });
});

describe("base64", () => {
  it("is the same however the bytes come", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(1_000));
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    const text = (await Array.fromAsync(base64Of(chunks()))).join("");
    expect(Uint8Array.fromBase64(text)).toStrictEqual(bytes);
  });
});
