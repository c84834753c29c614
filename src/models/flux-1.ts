import * as z from "zod/mini";
import { promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

/** The requested sizes by ratio. The result's size is read from its bytes. */
const SIZES = {
  "1:1": "1024x1024",
  "1:2": "512x1024",
  "3:2": "768x512",
  "3:4": "768x1024",
  "16:9": "1024x576",
  "9:16": "576x1024",
} as const;

export const flux1Schnell = defineModel({
  id: "@cf/black-forest-labs/flux-1-schnell",
  family: "flux-1",
  kind: "image",
  protocol: "workers-ai/run",
  input: z.strictObject({
    prompt: promptText(2_048),
    steps: z.optional(z.int().check(z.minimum(1), z.maximum(8))),
    size: z.enum(Object.values(SIZES)),
  }),
  common: { prompt: { field: "prompt" }, aspectRatio: { field: "size", values: SIZES } },
  defaults: { size: "1024x1024" },
  moreDefaults: (_given, { fluxSteps }) => ({ steps: fluxSteps }),
  credits: null,
  notice:
    "Runs on Cloudflare Workers AI. Its published schema draws 1024×1024 alone: where another size is refused, that is what comes.",
  example: { prompt: "a hot-air balloon over a salt lake", input: { steps: 8 } },
});
