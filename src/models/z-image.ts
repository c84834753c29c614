import * as z from "zod/mini";
import { promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

export const zImage = defineModel({
  id: "z-image",
  family: "z-image",
  kind: "image",
  protocol: "kie/jobs",
  input: z.strictObject({
    prompt: promptText(1_000),
    aspect_ratio: z.enum(["1:1", "4:3", "3:4", "16:9", "9:16"]),
  }),
  common: { prompt: { field: "prompt" }, aspectRatio: { field: "aspect_ratio" } },
  defaults: { aspect_ratio: "1:1" },
  credits: null,
  example: { prompt: "a café terrace in the rain", aspectRatio: "4:3" },
});
