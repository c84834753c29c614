import * as z from "zod/mini";
import { MINUTE, SECOND } from "../lib/time.ts";
import { defineModel } from "./model.ts";
import type { Model, ModelDefaults, WireInput } from "./model.ts";

const RATIOS = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;
/** The upstream names no limit for this family; this one keeps a row and a request small. */
const PROMPT_CHARACTERS = 5_000;
/** Above it the upstream refuses an edit: "safety tolerance out of range". */
const EDIT_SAFETY_TOLERANCE = 2;

const input = z
  .strictObject({
    prompt: z.string().check(z.trim(), z.minLength(1, "must not be empty"), z.maxLength(PROMPT_CHARACTERS)),
    inputImage: z.optional(z.string()),
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

/** An edit without a ratio keeps that of its source, so the operator's ratio is for new pictures only. */
function defaults(given: WireInput, operator: ModelDefaults): WireInput {
  const isEdit = given["inputImage"] !== undefined;
  return {
    outputFormat: operator.outputFormat,
    safetyTolerance: isEdit
      ? Math.min(operator.safetyTolerance, EDIT_SAFETY_TOLERANCE)
      : operator.safetyTolerance,
    ...(isEdit ? {} : { aspectRatio: operator.aspectRatio }),
  };
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
    urlFields: ["inputImage"],
    defaults,
    limits: { prompt: PROMPT_CHARACTERS, images: 1 },
    credits,
    deadlineSeconds: (15 * MINUTE) / SECOND,
    notice: null,
    retiresAt: null,
    replacement: null,
    example: { prompt: "a lighthouse in a storm, oil on canvas", aspectRatio: "16:9" },
  });

/** Flux Kontext edits one picture. Two stay a list, which the schema then refuses by name. */
const onlyImage = (images: unknown): unknown =>
  Array.isArray(images) && images.length <= 1 ? images[0] : images;

export const fluxKontextPro = fluxKontext("flux-kontext-pro", 5);
export const fluxKontextMax = fluxKontext("flux-kontext-max", 10);
