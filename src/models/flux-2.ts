import * as z from "zod/mini";
import { imageList, IMAGE_TYPES, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

const RATIOS = ["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3"] as const;

const fields = {
  prompt: promptText(5_000, 3),
  aspect_ratio: z.enum(RATIOS),
  resolution: z.enum(["1K", "2K"]),
};

const common = { prompt: { field: "prompt" }, aspectRatio: { field: "aspect_ratio" } } as const;

const shared = {
  family: "flux-2",
  kind: "image",
  protocol: "kie/jobs",
  credits: 5,
  creditsByOption: [{ when: { resolution: ["2K"] }, credits: 7 }],
} as const;

export const flux2ProTextToImage = defineModel({
  ...shared,
  id: "flux-2/pro-text-to-image",
  input: z.strictObject(fields),
  common,
  editModel: "flux-2/pro-image-to-image",
  defaults: { aspect_ratio: "1:1", resolution: "1K" },
  example: { prompt: "a blister pack with pink letters", aspectRatio: "3:2", input: { resolution: "2K" } },
});

export const flux2ProImageToImage = defineModel({
  ...shared,
  id: "flux-2/pro-image-to-image",
  // KIE's `auto` matches the first image, which is what an edit without a ratio wants.
  input: z.strictObject({ ...fields, aspect_ratio: z.enum([...RATIOS, "auto"]), input_urls: imageList(8) }),
  common: { ...common, images: { field: "input_urls" } },
  ratioSource: "input_urls",
  defaults: { aspect_ratio: "auto", resolution: "1K" },
  imageRule: { types: IMAGE_TYPES, megabytes: 10 },
  example: { prompt: "turn the jacket red", images: ["https://example.com/jacket.png"] },
});
