import * as z from "zod";
import type { Envelope } from "../answers.ts";
import { defineFamily } from "./family.ts";
import type { Ended, Order, Progress, Subject } from "./family.ts";
import { MARKET_MODELS } from "./market-models.ts";
import type { MarketModel } from "./market-models.ts";

const UNKNOWN_MODEL =
  "The model name you specified is not supported. Please verify and use a supported model.";

/** One strict body for each model, so that a field of another model is refused. */
const bodyOf = ([id, model]: readonly [string, MarketModel]) =>
  z.strictObject({ model: z.literal(id), input: model.input, callBackUrl: z.url().optional() });

type Body = ReturnType<typeof bodyOf>;

const BODIES = Object.entries(MARKET_MODELS).map(bodyOf) as [Body, ...Body[]];

const Body = z.discriminatedUnion("model", BODIES, {
  error: ({ code }) => (code === "invalid_union" ? UNKNOWN_MODEL : undefined),
});

function order({ model: id, input, callBackUrl }: z.infer<Body>): Order {
  const model = MARKET_MODELS[id];
  return {
    prompt: input.prompt ?? input.shots?.map((shot) => shot.Scene).join("\n") ?? "",
    model: id,
    callBackUrl: callBackUrl ?? null,
    credits: model?.credits(input) ?? 0,
    results: model?.results(input) ?? [],
  };
}

const STATES = ["waiting", "queuing", "generating"];

/** The record of a task; a callback carries the same. */
function record(subject: Subject, progress: Progress) {
  const { model, input, callBackUrl } = subject.body;
  const ended = progress.kind === "succeeded" || progress.kind === "failed";
  const endsAt = ended ? subject.endsAt : null;
  return {
    taskId: subject.id,
    model,
    // JSON in JSON, as on the wire.
    param: JSON.stringify({ model, callBackUrl, input: JSON.stringify(input) }),
    // Seconds on the wire, whatever KIE's documents say.
    costTime: endsAt === null ? null : Math.round((endsAt - subject.createdAt) / 1000),
    createTime: subject.createdAt,
    completeTime: endsAt,
    updateTime: endsAt ?? subject.createdAt,
    failCode: null,
    failMsg: null,
    ...verdict(subject, progress),
  };
}

function verdict(subject: Subject, progress: Progress) {
  switch (progress.kind) {
    case "running": {
      const state = STATES[Math.floor(progress.progress * STATES.length)];
      return { state, resultJson: state === "waiting" ? early(subject) : "" };
    }
    case "unknown":
      return { state: "dreaming", resultJson: "" };
    case "succeeded":
      return {
        state: "success",
        resultJson: results(subject, progress.urls),
        creditsConsumed: subject.order.credits,
      };
    case "failed":
      return {
        state: "fail",
        resultJson: "",
        failCode: String(progress.code),
        failMsg: progress.message,
        creditsConsumed: 0,
      };
  }
}

/** KIE's own sample of a waiting task has results in it, which belong to no task. */
const early = ({ scenario }: Subject): string =>
  scenario.has("resultjson-filled-while-waiting")
    ? '{"resultUrls":["https://example.com/generated-image.jpg"]}'
    : "";

function results({ scenario, order: { model } }: Subject, urls: readonly string[]): unknown {
  const name = scenario.has("snake-case-urls") ? "result_urls" : "resultUrls";
  const watermarked = urls.map((url) => url.replace("/results/", "/watermarked/"));
  const shown = { [name]: urls, ...(model.startsWith("sora-") ? { resultWaterMarkUrls: watermarked } : {}) };
  return scenario.has("resultjson-object") ? shown : JSON.stringify(shown);
}

/** A failed task's callback has code 501 whatever it failed of, and lacks the result. */
function callback(subject: Subject, ended: Ended): Envelope {
  const { resultJson, ...data } = record(subject, ended);
  return ended.kind === "succeeded"
    ? { code: 200, msg: "Playground task completed successfully.", data: { ...data, resultJson } }
    : { code: 501, msg: "Playground task failed.", data };
}

export const jobs = defineFamily({
  name: "jobs",
  createPath: "/api/v1/jobs/createTask",
  recordPath: "/api/v1/jobs/recordInfo",
  body: Body,
  order,
  created: (subject) => ({ taskId: subject.id, recordId: subject.id }),
  record,
  callback,
});
