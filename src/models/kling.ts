import * as z from "zod/mini";
import { promptText } from "./fields.ts";
import { defineModel } from "./define-model.ts";

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
  // KIE documents shapes, not pixels: these are the smallest sizes of their names.
  video: {
    seconds: { "5": { duration: "5" }, "10": { duration: "10" } },
    sizes: {
      "720x1280": { aspect_ratio: "9:16" },
      "1280x720": { aspect_ratio: "16:9" },
      "720x720": { aspect_ratio: "1:1" },
    },
  },
  // The cheapest video: sound and length cost extra.
  defaults: { sound: false, aspect_ratio: "16:9", duration: "5" },
  credits: null,
  example: { prompt: "a drone flies through a canyon", aspectRatio: "9:16", input: { sound: true } },
});
