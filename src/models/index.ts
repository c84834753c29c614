import { flux2ProImageToImage, flux2ProTextToImage } from "./flux-2.ts";
import { fluxKontextMax, fluxKontextPro } from "./flux-kontext.ts";
import { gpt4oImage } from "./gpt-4o-image.ts";
import { gptImage2ImageToImage, gptImage2TextToImage } from "./gpt-image-2.ts";
import { kling26TextToVideo } from "./kling.ts";
import type { Model } from "./model.ts";
import { nanoBanana, nanoBanana2, nanoBananaEdit, nanoBananaPro } from "./nano-banana.ts";
import { qwenImageEdit, qwenTextToImage } from "./qwen.ts";
import { seedream45Edit, seedream45TextToImage, seedream4Edit, seedream4TextToImage } from "./seedream.ts";
import {
  sora2ImageToVideo,
  sora2ProImageToVideo,
  sora2ProStoryboard,
  sora2ProTextToVideo,
  sora2TextToVideo,
} from "./sora-2.ts";
import { veo3, veo3Fast, veo3Lite } from "./veo.ts";
import { zImage } from "./z-image.ts";

/** Everything that can be made. Validation, `GET /api/models` and the tests are derived from this list. */
export const MODELS: readonly Model[] = [
  fluxKontextPro,
  fluxKontextMax,
  gpt4oImage,
  nanoBanana,
  nanoBananaEdit,
  nanoBananaPro,
  nanoBanana2,
  sora2TextToVideo,
  sora2ImageToVideo,
  sora2ProTextToVideo,
  sora2ProImageToVideo,
  sora2ProStoryboard,
  veo3,
  veo3Fast,
  veo3Lite,
  seedream4TextToImage,
  seedream4Edit,
  seedream45TextToImage,
  seedream45Edit,
  gptImage2TextToImage,
  gptImage2ImageToImage,
  flux2ProTextToImage,
  flux2ProImageToImage,
  qwenTextToImage,
  qwenImageEdit,
  zImage,
  kling26TextToVideo,
];
