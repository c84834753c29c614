import * as flux1 from "./flux-1.ts";
import * as flux2 from "./flux-2.ts";
import * as fluxKontext from "./flux-kontext.ts";
import * as gpt4oImage from "./gpt-4o-image.ts";
import * as gptImage2 from "./gpt-image-2.ts";
import * as kling from "./kling.ts";
import type { Model } from "./model.ts";
import * as nanoBanana from "./nano-banana.ts";
import * as qwen from "./qwen.ts";
import * as seedream from "./seedream.ts";
import * as sora2 from "./sora-2.ts";
import * as veo from "./veo.ts";
import * as zImage from "./z-image.ts";

/** A family's file exports its models and nothing else, so that a new one is an entry there and no line here. */
const FAMILIES: readonly Readonly<Record<string, Model>>[] = [
  fluxKontext,
  gpt4oImage,
  nanoBanana,
  sora2,
  veo,
  seedream,
  gptImage2,
  flux1,
  flux2,
  qwen,
  zImage,
  kling,
];

/** Everything that can be made. Validation, `GET /api/models` and the tests are derived from this list. */
export const MODELS: readonly Model[] = FAMILIES.flatMap((family) => Object.values(family));
