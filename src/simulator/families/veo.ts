import * as z from "zod";
import type { Envelope } from "../answers.ts";
import { defineFamily, missing } from "./family.ts";
import type { Ended, Order, Progress, Subject } from "./family.ts";

const TYPES = ["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"] as const;

const Body = z
  .strictObject({
    prompt: z.string(missing("prompt")).min(1, missing("prompt")),
    imageUrls: z.array(z.url()).min(1).max(3).optional(),
    model: z.enum(["veo3", "veo3_fast", "veo3_lite"]).default("veo3_fast"),
    generationType: z.enum(TYPES).optional(),
    aspectRatio: z.enum(["16:9", "9:16", "Auto"]).default("16:9"),
    seeds: z.int().min(10_000).max(99_999).optional(),
    enableTranslation: z.boolean().optional(),
    watermark: z.string().optional(),
    callBackUrl: z.url().optional(),
  })
  .refine(
    (body) => (body.generationType ?? TYPES[0]) === TYPES[0] || body.imageUrls !== undefined,
    "imageUrls is required",
  );

function order(body: z.infer<typeof Body>): Order {
  return {
    prompt: body.prompt,
    model: body.model,
    callBackUrl: body.callBackUrl ?? null,
    credits: 60,
    results: [{ format: "mp4", width: 128, height: 72 }],
  };
}

function record(subject: Subject, progress: Progress): unknown {
  const ended = progress.kind === "succeeded" || progress.kind === "failed";
  return {
    taskId: subject.id,
    paramJson: JSON.stringify(subject.body),
    createTime: subject.createdAt,
    completeTime: ended ? subject.endsAt : null,
    fallbackFlag: false,
    ...verdict(subject, progress),
  };
}

function verdict(subject: Subject, progress: Progress) {
  const fine = { errorCode: null, errorMessage: "", response: null };
  switch (progress.kind) {
    case "running":
      return { ...fine, successFlag: 0 };
    case "unknown":
      return { ...fine, successFlag: 7 };
    case "succeeded":
      return { ...fine, successFlag: 1, response: { taskId: subject.id, ...links(subject, progress) } };
    case "failed":
      // 2 is "create failed": the input could not even be taken in.
      return {
        ...fine,
        successFlag: progress.code === 451 ? 2 : 3,
        errorCode: progress.code,
        errorMessage: progress.message,
      };
  }
}

function links({ scenario }: Subject, { urls }: Ended & { kind: "succeeded" }) {
  return scenario.has("snake-case-urls")
    ? { result_urls: urls }
    : { resultUrls: urls, originUrls: null, resolution: "1080p" };
}

/** The failure codes its callbacks are documented to carry; any other failure comes as 500. */
const CALLBACK_FAILURE_CODES: ReadonlySet<number> = new Set([400, 422, 500, 501]);

function callback(subject: Subject, ended: Ended): Envelope {
  const { id: taskId } = subject;
  if (ended.kind === "succeeded") {
    const data = { taskId, info: links(subject, ended), fallbackFlag: false };
    return { code: 200, msg: "Veo3.1 video generated successfully.", data };
  }
  const code = CALLBACK_FAILURE_CODES.has(ended.code) ? ended.code : 500;
  return { code, msg: ended.message, data: { taskId, fallbackFlag: false } };
}

export const veo = defineFamily({
  name: "veo",
  createPath: "/api/v1/veo/generate",
  recordPath: "/api/v1/veo/record-info",
  body: Body,
  order,
  created: (subject) => ({ taskId: subject.id }),
  record,
  callback,
});
