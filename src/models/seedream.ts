import * as z from "zod/mini";
import { imageList, IMAGE_TYPES, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";
import type { ModelSpec } from "./model.ts";

/** Version 4 has names for its shapes. `square` is the small square, which only `input` can ask for. */
const SHAPES = {
  "1:1": "square_hd",
  "3:4": "portrait_4_3",
  "2:3": "portrait_3_2",
  "9:16": "portrait_16_9",
  "4:3": "landscape_4_3",
  "3:2": "landscape_3_2",
  "16:9": "landscape_16_9",
  "21:9": "landscape_21_9",
} as const;

const shared = { family: "seedream", kind: "image", protocol: "kie/jobs" } as const;
const imageRule = { types: IMAGE_TYPES, megabytes: 10 } as const;

const fields4 = {
  prompt: promptText(5_000),
  image_size: z.optional(z.enum(["square", ...Object.values(SHAPES)])),
  image_resolution: z.optional(z.enum(["1K", "2K", "4K"])),
  max_images: z.optional(z.int().check(z.minimum(1), z.maximum(6))),
  seed: z.optional(z.int()),
};

const common4 = {
  prompt: { field: "prompt" },
  aspectRatio: { field: "image_size", values: SHAPES },
  variants: { field: "max_images" },
} as const satisfies ModelSpec["common"];

export const seedream4TextToImage = defineModel({
  ...shared,
  id: "bytedance/seedream-v4-text-to-image",
  input: z.strictObject(fields4),
  common: common4,
  editModel: "bytedance/seedream-v4-edit",
  credits: null,
  example: { prompt: "a kite over dunes", aspectRatio: "21:9", input: { image_resolution: "2K" } },
});

export const seedream4Edit = defineModel({
  ...shared,
  id: "bytedance/seedream-v4-edit",
  input: z.strictObject({ ...fields4, image_urls: imageList(10) }),
  common: { ...common4, images: { field: "image_urls" } },
  ratioSource: "image_urls",
  imageRule,
  credits: null,
  example: { prompt: "as a woodcut", images: ["https://example.com/kite.jpg"], variants: 3 },
});

const fields45 = {
  prompt: promptText(3_000),
  aspect_ratio: z.enum(["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]),
  // KIE draws 2K for basic and 4K for high.
  quality: z.enum(["basic", "high"]),
};

const common45 = { prompt: { field: "prompt" }, aspectRatio: { field: "aspect_ratio" } } as const;
const defaults = { aspect_ratio: "1:1", quality: "basic" } as const;
const [basic, high] = [{ quality: "basic" }, { quality: "high" }];
const qualities = { low: basic, medium: basic, standard: basic, high, hd: high } as const;

export const seedream45TextToImage = defineModel({
  ...shared,
  id: "seedream/4.5-text-to-image",
  input: z.strictObject(fields45),
  common: common45,
  qualities,
  editModel: "seedream/4.5-edit",
  defaults,
  credits: 6.5,
  example: { prompt: "a poster for a jazz night", aspectRatio: "2:3", input: { quality: "high" } },
});

export const seedream45Edit = defineModel({
  ...shared,
  id: "seedream/4.5-edit",
  input: z.strictObject({ ...fields45, image_urls: imageList(14) }),
  common: { ...common45, images: { field: "image_urls" } },
  qualities,
  defaults,
  imageRule,
  credits: 6.5,
  example: { prompt: "replace the sky", images: ["https://example.com/a.jpg", "https://example.com/b.jpg"] },
});
