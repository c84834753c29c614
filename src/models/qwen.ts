import * as z from "zod/mini";
import { oneImage, onlyImage, IMAGE_TYPES, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";
import type { ModelSpec } from "./model.ts";

/** `square` is the small square, which only `input` can ask for. */
const SHAPES = {
  "1:1": "square_hd",
  "3:4": "portrait_4_3",
  "9:16": "portrait_16_9",
  "4:3": "landscape_4_3",
  "16:9": "landscape_16_9",
} as const;

const fields = (promptCharacters: number, mostSteps: number) => ({
  prompt: promptText(promptCharacters),
  image_size: z.optional(z.enum(["square", ...Object.values(SHAPES)])),
  num_inference_steps: z.optional(z.int().check(z.minimum(2), z.maximum(mostSteps))),
  seed: z.optional(z.int()),
  guidance_scale: z.optional(z.number().check(z.minimum(0), z.maximum(20))),
  enable_safety_checker: z.optional(z.boolean()),
  output_format: z.optional(z.enum(["png", "jpeg"])),
  negative_prompt: z.optional(z.string().check(z.maxLength(500))),
  acceleration: z.optional(z.enum(["none", "regular", "high"])),
});

const common = {
  prompt: { field: "prompt" },
  aspectRatio: { field: "image_size", values: SHAPES },
  outputFormat: { field: "output_format" },
} as const satisfies ModelSpec["common"];

const shared = { family: "qwen", kind: "image", protocol: "kie/jobs", credits: null } as const;

export const qwenTextToImage = defineModel({
  ...shared,
  id: "qwen/text-to-image",
  input: z.strictObject(fields(5_000, 250)),
  common,
  editModel: "qwen/image-edit",
  example: { prompt: "a bookshop sign that says OPEN", aspectRatio: "16:9", outputFormat: "png" },
});

export const qwenImageEdit = defineModel({
  ...shared,
  id: "qwen/image-edit",
  input: z.strictObject({
    ...fields(2_000, 49),
    image_url: oneImage,
    // A number written as a string.
    num_images: z.optional(z.enum(["1", "2", "3", "4"])),
  }),
  common: {
    ...common,
    images: { field: "image_url", toWire: onlyImage },
    variants: { field: "num_images", values: { 1: "1", 2: "2", 3: "3", 4: "4" } },
  },
  ratioSource: "image_url",
  imageRule: { types: IMAGE_TYPES, megabytes: 10 },
  example: { prompt: "change the sign to CLOSED", images: ["https://example.com/sign.png"] },
});
