import * as z from "zod/mini";
import { imageList, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

const RATIOS = [
  "auto",
  "1:1",
  "3:2",
  "2:3",
  "4:3",
  "3:4",
  "5:4",
  "4:5",
  "16:9",
  "9:16",
  "2:1",
  "1:2",
  "3:1",
  "1:3",
  "21:9",
  "9:21",
] as const;

const fields = {
  prompt: promptText(20_000),
  aspect_ratio: z.optional(z.enum(RATIOS)),
  resolution: z.optional(z.enum(["1K", "2K", "4K"])),
};

const common = { prompt: { field: "prompt" }, aspectRatio: { field: "aspect_ratio" } } as const;

const shared = {
  family: "gpt-image-2",
  kind: "image",
  protocol: "kie/jobs",
  credits: 6,
  creditsByOption: [
    { when: { resolution: ["2K"] }, credits: 10 },
    { when: { resolution: ["4K"] }, credits: 16 },
  ],
} as const;

export const gptImage2TextToImage = defineModel({
  ...shared,
  id: "gpt-image-2-text-to-image",
  aliases: ["gpt-image-2"],
  input: z.strictObject(fields),
  common,
  editModel: "gpt-image-2-image-to-image",
  example: { prompt: "a menu card in hand lettering", aspectRatio: "3:4", input: { resolution: "1K" } },
});

export const gptImage2ImageToImage = defineModel({
  ...shared,
  id: "gpt-image-2-image-to-image",
  input: z.strictObject({ ...fields, input_urls: imageList(16) }),
  common: { ...common, images: { field: "input_urls" } },
  ratioSource: "input_urls",
  example: { prompt: "in the style of a blueprint", images: ["https://example.com/chair.webp"] },
});
