import * as z from "zod/mini";
import { oneImage, onlyImage, promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";
import type { Model, ModelDefaults, WireInput } from "./model.ts";

const RATIOS = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;
/** KIE documents no limit for this family; this one keeps rows and requests small. */
const PROMPT_CHARACTERS = 5_000;
/** Above it KIE refuses an edit: "safety tolerance out of range". */
const EDIT_SAFETY_TOLERANCE = 2;

const input = z
  .strictObject({
    prompt: promptText(PROMPT_CHARACTERS),
    inputImage: z.optional(oneImage),
    aspectRatio: z.optional(z.enum(RATIOS)),
    outputFormat: z.optional(z.enum(["jpeg", "png"])),
    safetyTolerance: z.optional(z.int().check(z.minimum(0), z.maximum(6))),
    enableTranslation: z.optional(z.boolean()),
    promptUpsampling: z.optional(z.boolean()),
    uploadCn: z.optional(z.boolean()),
    watermark: z.optional(z.string().check(z.maxLength(200))),
  })
  .check(
    z.refine(
      (given) => given.inputImage === undefined || (given.safetyTolerance ?? 0) <= EDIT_SAFETY_TOLERANCE,
      { path: ["safetyTolerance"], message: "must be 0 to 2 when an image is edited" },
    ),
  );

function moreDefaults(given: WireInput, { safetyTolerance }: ModelDefaults): WireInput {
  const isEdit = given["inputImage"] !== undefined;
  return { safetyTolerance: isEdit ? Math.min(safetyTolerance, EDIT_SAFETY_TOLERANCE) : safetyTolerance };
}

const fluxKontext = (id: string, credits: number): Model =>
  defineModel({
    id,
    family: "flux-kontext",
    kind: "image",
    protocol: "kie/flux-kontext",
    input,
    common: {
      prompt: { field: "prompt" },
      aspectRatio: { field: "aspectRatio" },
      outputFormat: { field: "outputFormat" },
      images: { field: "inputImage", toWire: onlyImage },
    },
    ratioSource: "inputImage",
    moreDefaults,
    credits,
    example: { prompt: "a lighthouse in a storm, oil on canvas", aspectRatio: "16:9" },
  });

export const fluxKontextPro = fluxKontext("flux-kontext-pro", 5);
export const fluxKontextMax = fluxKontext("flux-kontext-max", 10);
