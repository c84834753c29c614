import * as z from "zod";
import type { Envelope } from "../answers.ts";
import { defineFamily, missing } from "./family.ts";
import type { Ended, Order, Progress, Subject } from "./family.ts";

/** Pixels by aspect ratio: small, and whole 8-pixel cells. */
const SIZES = {
  "21:9": [256, 112],
  "16:9": [256, 144],
  "4:3": [256, 192],
  "1:1": [256, 256],
  "3:4": [192, 256],
  "9:16": [144, 256],
} as const;

const CREDITS = { "flux-kontext-pro": 5, "flux-kontext-max": 10 } as const;

const OUT_OF_RANGE = "safety tolerance out of range, 0-6 for generation and 0-2 for editing";

const Body = z
  .strictObject({
    prompt: z.string(missing("prompt")).min(1, missing("prompt")),
    enableTranslation: z.boolean().optional(),
    inputImage: z.url().optional(),
    aspectRatio: z.literal(["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]).optional(),
    outputFormat: z.literal(["jpeg", "png"]).default("jpeg"),
    promptUpsampling: z.boolean().optional(),
    model: z.literal(["flux-kontext-pro", "flux-kontext-max"]).default("flux-kontext-pro"),
    safetyTolerance: z.int().min(0, OUT_OF_RANGE).max(6, OUT_OF_RANGE).optional(),
    uploadCn: z.boolean().optional(),
    watermark: z.string().optional(),
    callBackUrl: z.url().optional(),
  })
  .refine((body) => body.inputImage === undefined || (body.safetyTolerance ?? 0) <= 2, OUT_OF_RANGE);

function order(body: z.infer<typeof Body>): Order {
  // An edit without a ratio keeps its source's, which is never fetched here: it is taken to be square.
  const [width, height] = SIZES[body.aspectRatio ?? (body.inputImage === undefined ? "16:9" : "1:1")];
  return {
    prompt: body.prompt,
    model: body.model,
    callBackUrl: body.callBackUrl ?? null,
    credits: CREDITS[body.model],
    results: [{ format: body.outputFormat, width, height }],
  };
}

function record(subject: Subject, progress: Progress): unknown {
  const ended = progress.kind === "succeeded" || progress.kind === "failed";
  return {
    taskId: subject.id,
    paramJson: JSON.stringify(subject.body),
    createTime: new Date(subject.createdAt).toISOString(),
    completeTime: ended && subject.endsAt !== null ? new Date(subject.endsAt).toISOString() : null,
    ...verdict(progress),
  };
}

function verdict(progress: Progress) {
  switch (progress.kind) {
    case "running":
      return { successFlag: 0, errorCode: null, errorMessage: "", response: null };
    case "unknown":
      return { successFlag: 7, errorCode: null, errorMessage: "", response: null };
    case "succeeded":
      return { successFlag: 1, errorCode: null, errorMessage: null, response: links(progress) };
    case "failed":
      // 2 is "create failed": the input could not even be taken in.
      return {
        successFlag: progress.code === 451 ? 2 : 3,
        errorCode: progress.code,
        errorMessage: progress.message,
        response: null,
      };
  }
}

function links(ended: Ended & { kind: "succeeded" }) {
  return { originImageUrl: ended.originUrl, resultImageUrl: ended.urls[0] ?? "" };
}

/** The failure codes its callbacks are documented to carry; any other failure comes as 500. */
const CALLBACK_FAILURE_CODES: ReadonlySet<number> = new Set([400, 500, 501]);

function callback(subject: Subject, ended: Ended): Envelope {
  if (ended.kind === "succeeded") {
    return {
      code: 200,
      msg: "BFL image generated successfully.",
      data: { taskId: subject.id, info: links(ended) },
    };
  }
  return {
    code: CALLBACK_FAILURE_CODES.has(ended.code) ? ended.code : 500,
    msg: ended.message,
    data: { taskId: subject.id, info: { originImageUrl: "", resultImageUrl: "" } },
  };
}

export const fluxKontext = defineFamily({
  name: "flux-kontext",
  createPath: "/api/v1/flux/kontext/generate",
  recordPath: "/api/v1/flux/kontext/record-info",
  body: Body,
  order,
  created: (subject) => ({ taskId: subject.id }),
  record,
  callback,
});
