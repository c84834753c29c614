/** What the market's models take, field by field, and what they give. Strict: an unknown field is refused. */
import * as z from "zod";
import { missing } from "./family.ts";
import type { ResultPlan } from "./family.ts";
import { sizeOfRatio, sizeOfShape } from "./shapes.ts";

type Fields = z.ZodRawShape;

/** The fields of an input that decide what comes out and what it costs. */
interface Chosen {
  readonly prompt?: string | undefined;
  readonly shots?: readonly { readonly Scene: string }[] | undefined;
  readonly aspect_ratio?: string | undefined;
  readonly image_size?: string | undefined;
  readonly output_format?: string | undefined;
  readonly resolution?: string | undefined;
  readonly max_images?: number | undefined;
  readonly num_images?: string | undefined;
}

export interface MarketModel {
  readonly input: z.ZodType<Chosen>;
  readonly credits: (input: Chosen) => number;
  readonly results: (input: Chosen) => readonly ResultPlan[];
}

const required = (field: string) => z.string(missing(field)).min(1, missing(field));
const prompt = (most: number, least = 1) => required("prompt").min(least).max(most);
const urls = (field: string, most: number, least = 1) =>
  z.array(z.url(), missing(field)).min(least).max(most);
const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) => z.enum(values);
const needed = <const Values extends readonly [string, ...string[]]>(field: string, ...values: Values) =>
  z.enum(values, missing(field));

const SHAPES_4 = ["square", "square_hd", "portrait_4_3", "portrait_3_2", "portrait_16_9"] as const;
const SHAPES_4_WIDE = ["landscape_4_3", "landscape_3_2", "landscape_16_9", "landscape_21_9"] as const;
const QWEN_SHAPES = ["square", "square_hd", "portrait_4_3", "portrait_16_9"] as const;
const QWEN_SHAPES_WIDE = ["landscape_4_3", "landscape_16_9"] as const;
const BANANA_RATIOS = [
  "1:1",
  "9:16",
  "16:9",
  "3:4",
  "4:3",
  "3:2",
  "2:3",
  "5:4",
  "4:5",
  "21:9",
  "auto",
] as const;
const GPT_RATIOS = ["auto", "1:1", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5", "16:9", "9:16"] as const;
const GPT_RATIOS_LONG = ["2:1", "1:2", "3:1", "1:3", "21:9", "9:21"] as const;
const SIZES = ["1K", "2K", "4K"] as const;

/** An image in the requested format, else in `format`. */
const imageOf =
  (format: "png" | "jpeg" | "webp"): MarketModel["results"] =>
  (input) => {
    const asked = { png: "png", jpeg: "jpeg", jpg: "jpeg" } as const;
    const wanted = input.output_format;
    const given = wanted === "png" || wanted === "jpeg" || wanted === "jpg" ? asked[wanted] : format;
    const size =
      input.image_size === undefined ? sizeOfRatio(input.aspect_ratio) : sizeOfShape(input.image_size);
    const count = input.max_images ?? Number(input.num_images ?? 1);
    return Array.from({ length: count }, () => ({ format: given, ...size }));
  };

const video: MarketModel["results"] = () => [{ format: "mp4", width: 128, height: 72 }];

const byResolution =
  (prices: Readonly<Record<string, number>>, usual: number): MarketModel["credits"] =>
  ({ resolution }) =>
    prices[resolution ?? ""] ?? usual;

const model = (
  fields: Fields,
  credits: MarketModel["credits"],
  results: MarketModel["results"],
): MarketModel => ({ input: z.strictObject(fields, missing("input")), credits, results });

const banana = {
  prompt: prompt(5_000),
  aspect_ratio: oneOf(...BANANA_RATIOS).optional(),
  image_size: oneOf(...BANANA_RATIOS).optional(),
  output_format: oneOf("png", "jpeg").optional(),
};
const laterBanana = (characters: number, images: number) => ({
  prompt: prompt(characters),
  image_input: urls("image_input", images, 0).optional(),
  aspect_ratio: oneOf(...BANANA_RATIOS).optional(),
  resolution: oneOf(...SIZES).optional(),
  output_format: oneOf("png", "jpg").optional(),
});
const sora = {
  prompt: prompt(10_000),
  aspect_ratio: oneOf("portrait", "landscape").optional(),
  n_frames: oneOf("10", "15").optional(),
  remove_watermark: z.boolean().optional(),
};
const soraPro = { ...sora, size: oneOf("standard", "high").optional() };
const soraImage = { image_urls: urls("image_urls", 1) };
const seedream4 = {
  prompt: prompt(5_000),
  image_size: oneOf(...SHAPES_4, ...SHAPES_4_WIDE).optional(),
  image_resolution: oneOf(...SIZES).optional(),
  max_images: z.int().min(1).max(6).optional(),
  seed: z.int().optional(),
};
const seedream45 = {
  prompt: prompt(3_000),
  aspect_ratio: needed("aspect_ratio", "1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"),
  quality: needed("quality", "basic", "high"),
};
const gpt = {
  prompt: prompt(20_000),
  aspect_ratio: oneOf(...GPT_RATIOS, ...GPT_RATIOS_LONG).optional(),
  resolution: oneOf(...SIZES).optional(),
};
const flux2 = {
  prompt: prompt(5_000, 3),
  aspect_ratio: needed("aspect_ratio", "1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3"),
  resolution: needed("resolution", "1K", "2K"),
};
const qwen = (characters: number, steps: number) => ({
  prompt: prompt(characters),
  image_size: oneOf(...QWEN_SHAPES, ...QWEN_SHAPES_WIDE).optional(),
  num_inference_steps: z.int().min(2).max(steps).optional(),
  seed: z.int().optional(),
  guidance_scale: z.number().min(0).max(20).optional(),
  enable_safety_checker: z.boolean().optional(),
  output_format: oneOf("png", "jpeg").optional(),
  negative_prompt: z.string().max(500).optional(),
  acceleration: oneOf("none", "regular", "high").optional(),
});

const storyboard = z
  .strictObject({
    n_frames: needed("n_frames", "10", "15", "25"),
    shots: z
      .array(z.strictObject({ Scene: required("Scene"), duration: z.number().positive() }), missing("shots"))
      .min(1)
      .max(10),
    image_urls: urls("image_urls", 1, 0).optional(),
    aspect_ratio: oneOf("portrait", "landscape").optional(),
  })
  .refine(
    (input) => input.shots.reduce((sum, shot) => sum + shot.duration, 0) <= Number(input.n_frames),
    "the shots last longer than n_frames",
  );

const bananaPrice = byResolution({ "4K": 24 }, 18);
const banana2Price = byResolution({ "2K": 12, "4K": 18 }, 8);
const gptPrice = byResolution({ "2K": 10, "4K": 16 }, 6);
const flux2Price = byResolution({ "2K": 7 }, 5);

export const MARKET_MODELS: Readonly<Record<string, MarketModel>> = {
  "google/nano-banana": model(banana, () => 4, imageOf("png")),
  "google/nano-banana-edit": model(
    { ...banana, image_urls: urls("image_urls", 10) },
    () => 4,
    imageOf("png"),
  ),
  "nano-banana-pro": model(laterBanana(10_000, 8), bananaPrice, imageOf("png")),
  "nano-banana-2": model(laterBanana(20_000, 14), banana2Price, imageOf("jpeg")),
  "sora-2-text-to-video": model(sora, () => 30, video),
  "sora-2-image-to-video": model({ ...sora, ...soraImage }, () => 30, video),
  "sora-2-pro-text-to-video": model(soraPro, () => 150, video),
  "sora-2-pro-image-to-video": model({ ...soraPro, ...soraImage }, () => 150, video),
  "sora-2-pro-storyboard": { input: storyboard, credits: () => 150, results: video },
  "bytedance/seedream-v4-text-to-image": model(seedream4, () => 5, imageOf("png")),
  "bytedance/seedream-v4-edit": model(
    { ...seedream4, image_urls: urls("image_urls", 10) },
    () => 5,
    imageOf("png"),
  ),
  "seedream/4.5-text-to-image": model(seedream45, () => 6.5, imageOf("jpeg")),
  "seedream/4.5-edit": model(
    { ...seedream45, image_urls: urls("image_urls", 14) },
    () => 6.5,
    imageOf("jpeg"),
  ),
  "gpt-image-2-text-to-image": model(gpt, gptPrice, imageOf("png")),
  "gpt-image-2-image-to-image": model(
    { ...gpt, input_urls: urls("input_urls", 16) },
    gptPrice,
    imageOf("png"),
  ),
  "flux-2/pro-text-to-image": model(flux2, flux2Price, imageOf("webp")),
  "flux-2/pro-image-to-image": model(
    {
      ...flux2,
      aspect_ratio: needed("aspect_ratio", "auto", "1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3"),
      input_urls: urls("input_urls", 8),
    },
    flux2Price,
    imageOf("webp"),
  ),
  "qwen/text-to-image": model(qwen(5_000, 250), () => 4, imageOf("png")),
  "qwen/image-edit": model(
    {
      ...qwen(2_000, 49),
      image_url: z.url(missing("image_url")),
      num_images: oneOf("1", "2", "3", "4").optional(),
    },
    () => 4,
    imageOf("png"),
  ),
  "z-image": model(
    {
      prompt: prompt(1_000),
      aspect_ratio: needed("aspect_ratio", "1:1", "4:3", "3:4", "16:9", "9:16"),
    },
    () => 1,
    imageOf("webp"),
  ),
  "kling-2.6/text-to-video": model(
    {
      prompt: prompt(1_000),
      sound: z.boolean(missing("sound")),
      aspect_ratio: needed("aspect_ratio", "1:1", "16:9", "9:16"),
      duration: needed("duration", "5", "10"),
    },
    () => 55,
    video,
  ),
  // Two that no client has an entry for, to be asked for by their ids alone.
  "ideogram/v3-text-to-image": model({ prompt: prompt(5_000) }, () => 3.5, imageOf("png")),
  "wan/2-5-text-to-video": model(
    { prompt: prompt(800), duration: needed("duration", "5", "10") },
    () => 60,
    video,
  ),
};
