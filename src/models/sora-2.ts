import * as z from "zod/mini";
import { imageList, IMAGE_TYPES, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";
import type { ModelSpec } from "./model.ts";

/** As of 2026-08-31 by clients of KIE. No date is certain, so it is tried like any model. */
const NOTICE =
  "OpenAI retired its own Sora 2 on 2026-09-24, and the provider has answered that it is temporarily paused. A request may fail as model_unavailable.";

/** KIE has two shapes; every other ratio is refused. */
const SHAPES = { "16:9": "landscape", "9:16": "portrait" } as const;

const shape = z.optional(z.enum(["portrait", "landscape"]));
const oneImage = z.array(z.string()).check(z.minLength(1), z.maxLength(1));

const text = {
  prompt: promptText(10_000),
  aspect_ratio: shape,
  // Seconds as a string; KIE calls them frames.
  n_frames: z.optional(z.enum(["10", "15"])),
  remove_watermark: z.optional(z.boolean()),
};
const pro = { ...text, size: z.optional(z.enum(["standard", "high"])) };

const common = {
  prompt: { field: "prompt" },
  aspectRatio: { field: "aspect_ratio", values: SHAPES },
} as const;
const withImage = { ...common, images: { field: "image_urls" } } as const;

const video = {
  seconds: { "10": { n_frames: "10" }, "15": { n_frames: "15" } },
  sizes: { "720x1280": { aspect_ratio: "portrait" }, "1280x720": { aspect_ratio: "landscape" } },
};
const proVideo = {
  seconds: video.seconds,
  sizes: {
    "720x1280": { aspect_ratio: "portrait", size: "standard" },
    "1280x720": { aspect_ratio: "landscape", size: "standard" },
    "1024x1792": { aspect_ratio: "portrait", size: "high" },
    "1792x1024": { aspect_ratio: "landscape", size: "high" },
  },
};

const sora = (
  own: Pick<
    ModelSpec,
    | "id"
    | "aliases"
    | "input"
    | "common"
    | "video"
    | "credits"
    | "creditsByOption"
    | "example"
    | "defaults"
    | "editModel"
  >,
) =>
  defineModel({
    ...own,
    family: "sora-2",
    kind: "video",
    protocol: "kie/jobs",
    imageRule: { types: IMAGE_TYPES, megabytes: 10 },
    notice: NOTICE,
  });

/** 30 credits for ten seconds; the price of fifteen is not published. */
const perTenSeconds = {
  credits: 30,
  creditsByOption: [{ when: { n_frames: ["15"] }, credits: null }],
} as const;

export const sora2TextToVideo = sora({
  ...perTenSeconds,
  id: "sora-2-text-to-video",
  aliases: ["sora-2", "sora-2-2025-10-06", "sora-2-2025-12-08"],
  editModel: "sora-2-image-to-video",
  input: z.strictObject(text),
  common,
  video,
  example: { prompt: "a paper crane unfolds and flies away", aspectRatio: "16:9", input: { n_frames: "10" } },
});

export const sora2ImageToVideo = sora({
  ...perTenSeconds,
  id: "sora-2-image-to-video",
  input: z.strictObject({ ...text, image_urls: oneImage }),
  common: withImage,
  video,
  example: { prompt: "the clouds begin to move", images: ["https://example.com/clouds.png"] },
});

export const sora2ProTextToVideo = sora({
  id: "sora-2-pro-text-to-video",
  aliases: ["sora-2-pro", "sora-2-pro-2025-10-06"],
  editModel: "sora-2-pro-image-to-video",
  input: z.strictObject(pro),
  common,
  video: proVideo,
  credits: null,
  example: { prompt: "a train crosses a viaduct", aspectRatio: "9:16", input: { size: "high" } },
});

export const sora2ProImageToVideo = sora({
  id: "sora-2-pro-image-to-video",
  input: z.strictObject({ ...pro, image_urls: oneImage }),
  common: withImage,
  video: proVideo,
  credits: null,
  example: { prompt: "she turns and smiles", images: ["https://example.com/portrait.png"] },
});

/** No shot can be longer than the longest video. */
const LONGEST_VIDEO = 25;

const shot = z.strictObject({
  Scene: promptText(10_000),
  duration: z.number().check(z.positive(), z.maximum(LONGEST_VIDEO)),
});

const storyboard = z
  .strictObject({
    n_frames: z.enum(["10", "15", "25"]),
    shots: z.array(shot).check(z.minLength(1), z.maxLength(10)),
    image_urls: z.optional(imageList(1)),
    aspect_ratio: shape,
  })
  .check(
    z.refine(({ n_frames, shots }) => sum(shots.map(({ duration }) => duration)) <= Number(n_frames), {
      path: ["shots"],
      message: "must not last longer than n_frames seconds together",
    }),
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The shortest video in one shot, so that a prompt alone is enough. */
const onlyShot = (prompt: unknown): unknown => [{ Scene: prompt, duration: 10 }];

export const sora2ProStoryboard = sora({
  id: "sora-2-pro-storyboard",
  input: storyboard,
  common: {
    prompt: { field: "shots", toWire: onlyShot },
    aspectRatio: common.aspectRatio,
    images: withImage.images,
  },
  // A prompt alone is one shot of ten seconds.
  video: { seconds: { "10": { n_frames: "10" } }, sizes: video.sizes },
  defaults: { n_frames: "10" },
  // Published are 150 to 270, the ends of the range.
  credits: 150,
  creditsByOption: [
    { when: { n_frames: ["15"] }, credits: null },
    { when: { n_frames: ["25"] }, credits: 270 },
  ],
  example: {
    aspectRatio: "16:9",
    input: {
      n_frames: "15",
      shots: [
        { Scene: "a cat sits on a rooftop at dusk", duration: 7.5 },
        { Scene: "it leaps to the next roof", duration: 7.5 },
      ],
    },
  },
});
