import * as z from "zod/mini";
import { imageList, JPEG_AS_JPG, IMAGE_TYPES, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

const RATIOS = ["1:1", "9:16", "16:9", "3:4", "4:3", "3:2", "2:3", "5:4", "4:5", "21:9", "auto"] as const;
const RESOLUTIONS = ["1K", "2K", "4K"] as const;

const shared = { family: "nano-banana", kind: "image", protocol: "kie/jobs" } as const;

const first = {
  prompt: promptText(5_000),
  // Older pages call it `image_size`; the values are the same.
  aspect_ratio: z.optional(z.enum(RATIOS)),
  output_format: z.optional(z.enum(["png", "jpeg"])),
};

const common = {
  prompt: { field: "prompt" },
  aspectRatio: { field: "aspect_ratio" },
  outputFormat: { field: "output_format" },
} as const;

export const nanoBanana = defineModel({
  ...shared,
  id: "google/nano-banana",
  input: z.strictObject(first),
  common,
  editModel: "google/nano-banana-edit",
  credits: 4,
  example: { prompt: "a snow globe with a tiny city inside", aspectRatio: "4:3", outputFormat: "png" },
});

export const nanoBananaEdit = defineModel({
  ...shared,
  id: "google/nano-banana-edit",
  input: z.strictObject({ ...first, image_urls: imageList(10) }),
  common: { ...common, images: { field: "image_urls" } },
  ratioSource: "image_urls",
  imageRule: { types: IMAGE_TYPES, megabytes: 10 },
  credits: 4,
  example: { prompt: "make it night", images: ["https://example.com/street.png"], outputFormat: "jpeg" },
});

const later = (promptCharacters: number, images: number) => ({
  prompt: promptText(promptCharacters),
  image_input: z.optional(imageList(images)),
  aspect_ratio: z.optional(z.enum(RATIOS)),
  resolution: z.optional(z.enum(RESOLUTIONS)),
  output_format: z.optional(z.enum(["png", "jpg"])),
});

const laterCommon = {
  ...common,
  outputFormat: { field: "output_format", values: JPEG_AS_JPG },
  images: { field: "image_input" },
} as const;

export const nanoBananaPro = defineModel({
  ...shared,
  id: "nano-banana-pro",
  input: z.strictObject(later(10_000, 8)),
  common: laterCommon,
  ratioSource: "image_input",
  imageRule: { types: IMAGE_TYPES, megabytes: 30 },
  credits: 18,
  creditsByOption: [{ when: { resolution: ["4K"] }, credits: 24 }],
  example: { prompt: "an exploded drawing of a mechanical watch", input: { resolution: "2K" } },
});

export const nanoBanana2 = defineModel({
  ...shared,
  id: "nano-banana-2",
  input: z.strictObject(later(20_000, 14)),
  common: laterCommon,
  ratioSource: "image_input",
  imageRule: { types: IMAGE_TYPES, megabytes: 30 },
  credits: 8,
  creditsByOption: [
    { when: { resolution: ["2K"] }, credits: 12 },
    { when: { resolution: ["4K"] }, credits: 18 },
  ],
  example: { prompt: "a fox reading a map", aspectRatio: "16:9", outputFormat: "jpeg" },
});
