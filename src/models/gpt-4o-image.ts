import * as z from "zod/mini";
import { imageList, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

/** KIE documents no limit; this one keeps rows and requests small. */
const PROMPT_CHARACTERS = 5_000;

const input = z
  .strictObject({
    prompt: z.optional(promptText(PROMPT_CHARACTERS)),
    filesUrl: z.optional(imageList(5)),
    // KIE's older guides list 16:9 too; its reference no longer does.
    size: z.enum(["1:1", "3:2", "2:3"]),
    nVariants: z.optional(z.literal([1, 2, 4])),
    maskUrl: z.optional(z.string()),
    isEnhance: z.optional(z.boolean()),
    uploadCn: z.optional(z.boolean()),
    enableFallback: z.optional(z.boolean()),
    fallbackModel: z.optional(z.enum(["GPT_IMAGE_1", "FLUX_MAX"])),
  })
  .check(
    z.refine((given) => given.prompt !== undefined || given.filesUrl !== undefined, {
      path: ["prompt"],
      message: "is required where there are no images",
    }),
    // KIE silently ignores such a mask and would paint over the parts to keep.
    z.refine((given) => given.maskUrl === undefined || given.filesUrl?.length === 1, {
      path: ["maskUrl"],
      message: "is for exactly one image",
    }),
  );

export const gpt4oImage = defineModel({
  id: "gpt-4o-image",
  aliases: ["gpt-image-1"],
  family: "gpt-4o-image",
  kind: "image",
  protocol: "kie/gpt4o-image",
  input,
  common: {
    prompt: { field: "prompt" },
    aspectRatio: { field: "size" },
    images: { field: "filesUrl" },
    mask: { field: "maskUrl" },
    variants: { field: "nVariants" },
  },
  defaults: { size: "1:1" },
  imageRule: { types: ["image/jpeg", "image/png", "image/webp"], megabytes: 25 },
  credits: 6,
  // The price of several variants is not published.
  creditsByOption: [{ when: { nVariants: [2, 4] }, credits: null }],
  example: { prompt: "a paper boat on a puddle, soft morning light", aspectRatio: "3:2", variants: 2 },
});
