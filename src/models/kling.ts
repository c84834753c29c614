import * as z from "zod/mini";
import { promptText } from "./fields.ts";
import { defineModel } from "./model.ts";

export const kling26TextToVideo = defineModel({
  id: "kling-2.6/text-to-video",
  family: "kling",
  kind: "video",
  protocol: "kie/jobs",
  input: z.strictObject({
    prompt: promptText(1_000),
    sound: z.boolean(),
    aspect_ratio: z.enum(["1:1", "16:9", "9:16"]),
    // Seconds, written as a string.
    duration: z.enum(["5", "10"]),
  }),
  common: { prompt: { field: "prompt" }, aspectRatio: { field: "aspect_ratio" } },
  // The cheapest film: sound and length cost extra.
  defaults: { sound: false, aspect_ratio: "16:9", duration: "5" },
  credits: null,
  example: { prompt: "a drone flies through a canyon", aspectRatio: "9:16", input: { sound: true } },
});
