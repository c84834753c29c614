import * as z from "zod";
import type { Envelope } from "../answers.ts";
import { defineFamily, missing } from "./family.ts";
import type { Ended, Order, Progress, Subject } from "./family.ts";
import { sizeOfRatio } from "./shapes.ts";

const Body = z
  .strictObject({
    prompt: z.string().min(1).optional(),
    filesUrl: z.array(z.url()).min(1).max(5).optional(),
    size: z.enum(["1:1", "3:2", "2:3"], missing("size")),
    nVariants: z.literal([1, 2, 4]).default(1),
    maskUrl: z.url().optional(),
    isEnhance: z.boolean().optional(),
    uploadCn: z.boolean().optional(),
    enableFallback: z.boolean().optional(),
    fallbackModel: z.enum(["GPT_IMAGE_1", "FLUX_MAX"]).optional(),
    callBackUrl: z.url().optional(),
  })
  .refine(
    (body) => body.prompt !== undefined || body.filesUrl !== undefined,
    "prompt or filesUrl is required",
  );

function order(body: z.infer<typeof Body>): Order {
  return {
    prompt: body.prompt ?? "",
    model: "gpt-4o-image",
    callBackUrl: body.callBackUrl ?? null,
    credits: 6,
    results: Array.from({ length: body.nVariants }, () => ({ format: "png", ...sizeOfRatio(body.size) })),
  };
}

function record(subject: Subject, progress: Progress): unknown {
  const ended = progress.kind === "succeeded" || progress.kind === "failed";
  return {
    taskId: subject.id,
    paramJson: JSON.stringify(subject.body),
    createTime: subject.createdAt,
    completeTime: ended ? subject.endsAt : null,
    ...verdict(subject, progress),
  };
}

function verdict(subject: Subject, progress: Progress) {
  const fine = { errorCode: null, errorMessage: "", response: null };
  switch (progress.kind) {
    case "running":
      return { ...fine, status: "GENERATING", successFlag: 0, progress: progress.progress.toFixed(2) };
    case "unknown":
      return { ...fine, status: "POLISHING", successFlag: 7, progress: "0.50" };
    case "succeeded":
      return {
        ...fine,
        status: "SUCCESS",
        successFlag: 1,
        progress: "1.00",
        response: subject.scenario.has("snake-case-urls")
          ? { result_urls: progress.urls }
          : { resultUrls: progress.urls },
      };
    case "failed":
      return {
        ...fine,
        // The input could not even be taken in.
        status: progress.code === 451 ? "CREATE_TASK_FAILED" : "GENERATE_FAILED",
        successFlag: 2,
        progress: "0.00",
        errorCode: progress.code,
        errorMessage: progress.message,
      };
  }
}

/** The failure codes its callbacks are documented to carry; any other failure comes as 500. */
const CALLBACK_FAILURE_CODES: ReadonlySet<number> = new Set([400, 451, 500]);

function callback(subject: Subject, ended: Ended): Envelope {
  const { id: taskId } = subject;
  if (ended.kind === "succeeded") {
    return { code: 200, msg: "success", data: { taskId, info: { result_urls: ended.urls } } };
  }
  const code = CALLBACK_FAILURE_CODES.has(ended.code) ? ended.code : 500;
  return { code, msg: ended.message, data: { taskId, info: null } };
}

export const gpt4oImage = defineFamily({
  name: "gpt4o-image",
  createPath: "/api/v1/gpt4o-image/generate",
  recordPath: "/api/v1/gpt4o-image/record-info",
  body: Body,
  order,
  created: (subject) => ({ taskId: subject.id }),
  record,
  callback,
});
