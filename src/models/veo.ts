import * as z from "zod/mini";
import { imageList, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";
import type { Model } from "./model.ts";

/** KIE documents no limit; this one keeps rows and requests small. */
const PROMPT_CHARACTERS = 5_000;

const TYPES = ["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"] as const;
/** A first and a last frame; only reference images may be three. */
const FRAMES = 2;

const input = z
  .strictObject({
    prompt: promptText(PROMPT_CHARACTERS),
    imageUrls: z.optional(imageList(3)),
    generationType: z.optional(z.enum(TYPES)),
    aspectRatio: z.optional(z.enum(["16:9", "9:16", "Auto"])),
    seeds: z.optional(z.int().check(z.minimum(10_000), z.maximum(99_999))),
    enableTranslation: z.optional(z.boolean()),
    watermark: z.optional(z.string().check(z.maxLength(200))),
  })
  .check(
    z.refine(({ generationType = TYPES[0], imageUrls }) => generationType === TYPES[0] || imageUrls, {
      path: ["imageUrls"],
      message: "is required by this generationType",
    }),
    z.refine(
      ({ generationType, imageUrls = [] }) => generationType !== TYPES[1] || imageUrls.length <= FRAMES,
      {
        path: ["imageUrls"],
        message: "must be at most 2 images, a first and a last frame",
      },
    ),
  );

const veo = (id: string): Model =>
  defineModel({
    id,
    family: "veo",
    kind: "video",
    protocol: "kie/veo",
    input,
    common: {
      prompt: { field: "prompt" },
      aspectRatio: { field: "aspectRatio" },
      images: { field: "imageUrls" },
    },
    ratioSource: "imageUrls",
    // Every video lasts eight seconds. KIE documents shapes, not pixels: these are the smallest sizes of their names.
    video: {
      seconds: { "8": {} },
      sizes: { "720x1280": { aspectRatio: "9:16" }, "1280x720": { aspectRatio: "16:9" } },
    },
    credits: null,
    example: { prompt: "rain on a tin roof, slow zoom out, with sound", aspectRatio: "16:9" },
  });

export const veo3 = veo("veo3");
export const veo3Fast = veo("veo3_fast");
export const veo3Lite = veo("veo3_lite");
