import { describe, expect, it } from "vitest";
import { findModel, forImages } from "../../../src/models/find-model.ts";
import { MODELS } from "../../../src/models/index.ts";
import type { Model } from "../../../src/models/model.ts";
import { chooseLength, chooseSize } from "../../../src/api/openai/video-request.ts";
import { prepare } from "../../models/wire-call.ts";

const videos = MODELS.filter(({ kind }) => kind === "video").map((model): [string, Model] => [
  model.id,
  model,
]);
const URL = "https://example.com/image.png";

const named = (id: string): Model => {
  const model = MODELS.find((candidate) => candidate.id === id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return model;
};

/** What is asked of the provider, or what is wrong. */
function lengthOf(id: string, asked?: string | number) {
  const model = named(id);
  if (model.video === null) throw new Error(`${id} makes no videos`);
  const { input, issues } = chooseLength(model, model.video, asked);
  return issues[0]?.message ?? input;
}
function sizeOf(id: string, asked?: string) {
  const model = named(id);
  if (model.video === null) throw new Error(`${id} makes no videos`);
  const { input, issues } = chooseSize(model, model.video, asked);
  return issues[0]?.message ?? input;
}

describe.each(videos)("%s", (_id, model) => {
  const images = model.wireNames.images === undefined ? {} : { images: [URL] };

  it("takes every length and size that it says it makes", () => {
    const choices = [
      ...Object.values(model.video?.seconds ?? {}),
      ...Object.values(model.video?.sizes ?? {}),
    ];

    const results = choices.map((input) => prepare(model, { prompt: "a fox", ...images, input }).ok);

    expect(results).toEqual(choices.map(() => true));
    expect(Object.keys(model.video?.seconds ?? {})).not.toEqual([]);
    expect(Object.keys(model.video?.sizes ?? {}).slice(0, 2)).toEqual(["720x1280", "1280x720"]);
  });
});

it("says of images that they are no videos", () => {
  expect(MODELS.filter(({ kind, video }) => kind === "image" && video !== null)).toEqual([]);
});

describe("seconds", () => {
  it.each([
    ["sora-2-text-to-video", undefined, { n_frames: "10" }],
    ["sora-2-text-to-video", "4", { n_frames: "10" }],
    ["sora-2-text-to-video", 8, { n_frames: "10" }],
    ["sora-2-text-to-video", "10", { n_frames: "10" }],
    ["sora-2-text-to-video", "12", { n_frames: "15" }],
    ["sora-2-pro-image-to-video", "15", { n_frames: "15" }],
    ["kling-2.6/text-to-video", undefined, { duration: "5" }],
    ["kling-2.6/text-to-video", "4", { duration: "5" }],
    ["kling-2.6/text-to-video", "8", { duration: "10" }],
    ["veo3", undefined, {}],
    ["veo3_fast", "8", {}],
  ])("of %s: %s becomes the shortest video that is as long", (id, asked, wire) => {
    expect(lengthOf(id, asked)).toStrictEqual(wire);
  });

  it.each([
    ["sora-2-text-to-video", "16", "must be at most 15: sora-2-text-to-video makes videos of 10, 15 seconds"],
    [
      "kling-2.6/text-to-video",
      "12",
      "must be at most 10: kling-2.6/text-to-video makes videos of 5, 10 seconds",
    ],
    ["veo3", 12, "must be at most 8: veo3 makes videos of 8 seconds"],
    ["veo3", "ten", "must be a whole number of seconds"],
    ["veo3", 7.5, "must be a whole number of seconds"],
    ["veo3", "-4", "must be a whole number of seconds"],
  ])("of %s: %s is refused", (id, asked, message) => {
    expect(lengthOf(id, asked)).toBe(message);
  });
});

describe("size", () => {
  it.each([
    ["sora-2-text-to-video", undefined, { aspect_ratio: "portrait" }],
    ["sora-2-text-to-video", "1280x720", { aspect_ratio: "landscape" }],
    ["sora-2-pro-text-to-video", "720x1280", { aspect_ratio: "portrait", size: "standard" }],
    ["sora-2-pro-text-to-video", "1792x1024", { aspect_ratio: "landscape", size: "high" }],
    ["kling-2.6/text-to-video", "1280x720", { aspect_ratio: "16:9" }],
    ["veo3", undefined, { aspectRatio: "9:16" }],
    ["veo3_lite", "1280x720", { aspectRatio: "16:9" }],
  ])("of %s: %s becomes its own fields", (id, asked, wire) => {
    expect(sizeOf(id, asked)).toStrictEqual(wire);
  });

  it.each([
    ["sora-2-text-to-video", "1792x1024", "must be one of 720x1280, 1280x720 (sora-2-text-to-video)"],
    ["veo3", "toString", "must be one of 720x1280, 1280x720 (veo3)"],
  ])("of %s: %s is refused", (id, asked, message) => {
    expect(sizeOf(id, asked)).toBe(message);
  });
});

describe("a model's name", () => {
  it.each([
    ["sora-2", false, "sora-2-text-to-video"],
    ["sora-2", true, "sora-2-image-to-video"],
    ["sora-2-2025-12-08", false, "sora-2-text-to-video"],
    ["sora-2-pro", false, "sora-2-pro-text-to-video"],
    ["sora-2-pro-2025-10-06", true, "sora-2-pro-image-to-video"],
    ["sora-2-text-to-video", true, "sora-2-image-to-video"],
    ["kling-2.6/text-to-video", true, "kling-2.6/text-to-video"],
    ["veo3", false, "veo3"],
    ["veo3", true, "veo3"],
    ["dall-e-3", false, undefined],
  ])("%s (from an image: %s) means %s", (name, fromImage, id) => {
    const catalogue = { models: MODELS, settings: { allowAnyModel: false } };
    const found = findModel(catalogue, name);
    const model = found !== null && fromImage ? forImages(catalogue, found) : found;
    expect(model?.id).toBe(id);
  });

  it("is no other model's", () => {
    const names = MODELS.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
