import { describe, expect, it } from "vitest";
import type { FailureCode } from "../../../src/domain/failure.ts";
import { readCallback } from "../../../src/providers/kie/callback.ts";
import { fluxKontext } from "../../../src/providers/kie/flux-kontext.ts";
import { gpt4oImage } from "../../../src/providers/kie/gpt4o-image.ts";
import { jobs } from "../../../src/providers/kie/jobs.ts";
import { veo } from "../../../src/providers/kie/veo.ts";

const A = "https://files.test/a.png";
const B = "https://files.test/b.png";

const running = (progress: number | null = null, unknownWord: string | null = null) => ({
  state: "running",
  progress,
  unknownWord,
});
const succeeded = (urls: string[], credits: number | null = null) => ({ state: "succeeded", urls, credits });
const failed = (code: FailureCode, credits: number | null = null) => ({
  state: "failed",
  failure: { code, message: expect.any(String) },
  credits,
});

const UNSIGNED = { key: null, now: Date.now };
const taskIdIn = async (body: unknown) => {
  const reading = await readCallback({ text: JSON.stringify(body), headers: new Headers() }, UNSIGNED);
  return reading.kind === "genuine" ? (reading.operation?.["taskId"] ?? null) : reading.kind;
};

describe("a jobs record", () => {
  it.each([
    ["waiting", { state: "waiting", resultJson: "" }],
    ["queuing", { state: "queuing", resultJson: "", failCode: null, failMsg: null, completeTime: null }],
    ["generating", { state: "generating" }],
    ["waiting although results are filled in", { state: "waiting", resultJson: `{"resultUrls":["${A}"]}` }],
    ["by successFlag alone", { successFlag: 0, response: null }],
  ])("is running: %s", (_, data) => {
    expect(jobs.read(data)).toStrictEqual(running());
  });

  it.each([
    ["JSON text", { resultJson: `{"resultUrls":["${A}","${B}"]}` }],
    ["an object", { resultJson: { resultUrls: [A, B] } }],
    ["the older spelling", { resultJson: `{"result_urls":["${A}","${B}"]}` }],
    ["beside a response", { resultJson: `{"resultUrls":["${A}","${B}"]}`, response: { resultUrls: [B] } }],
    ["only in a response", { resultJson: null, response: { resultUrls: [A, B] } }],
    ["a list as text", { resultJson: { resultUrls: `["${A}","${B}"]` } }],
    ["beside watermarked copies", { resultJson: { resultUrls: [A, B], resultWaterMarkUrls: ["x", "y"] } }],
    ["only as watermarked copies", { resultJson: { resultWaterMarkUrls: [A, B] } }],
    ["beside an empty list", { resultJson: { resultUrls: [], resultWaterMarkUrls: [A, B] } }],
    ["among junk", { resultJson: { resultUrls: [A, "", null, B] } }],
  ])("has its links as %s", (_, data) => {
    expect(jobs.read({ state: "success", ...data })).toStrictEqual(succeeded([A, B]));
  });

  it.each([["", null, undefined, "not json", "[]", 7, { resultUrls: null }]].flat())(
    "that succeeds with %j as its result has no links",
    (resultJson) => {
      expect(jobs.read({ state: "success", resultJson })).toStrictEqual(succeeded([]));
    },
  );

  it("reports the price where the record has it", () => {
    const data = {
      state: "success",
      resultJson: `{"resultUrls":["${A}"]}`,
      successFlag: 1,
      creditsConsumed: 6.5,
    };

    expect(jobs.read(data)).toStrictEqual(succeeded([A], 6.5));
  });

  it.each<[string, string | null, string, FailureCode]>([
    ["a blocked prompt", "422", "CONTENT_POLICY_BLOCKED: refused by the provider", "content_policy"],
    ["an image that is gone", "422", "Your media file is unavailable, please check it.", "input_unreachable"],
    ["a bad field", "422", "The size is invalid", "invalid_input_upstream"],
    ["moderation", "400", "This content may violate our guardrails", "content_policy"],
    ["a plain failure", "501", "Generation failed", "provider_error"],
    ["a server error", "500", "Internal Error, Please try again later.", "provider_error"],
    ["a paused model", "500", "This interface is temporarily paused.", "model_unavailable"],
    ["no code at all", null, "", "provider_error"],
  ])("failed of %s", (_, failCode, failMsg, code) => {
    const data = { state: "fail", resultJson: "", failCode, failMsg, creditsConsumed: 0 };

    expect(jobs.read(data)).toStrictEqual(failed(code, 0));
  });

  it("failed with its credits refunded", () => {
    expect(jobs.read({ state: "fail", failCode: "531", failMsg: "refunded" })).toStrictEqual(
      failed("provider_error", 0),
    );
  });

  it("failed, by successFlag alone", () => {
    const data = { successFlag: 3, errorCode: 501, errorMessage: "failed" };

    expect(jobs.read(data)).toStrictEqual(failed("provider_error"));
  });

  it("in an unknown state counts as running, and is reported", () => {
    expect(jobs.read({ state: "dreaming", resultJson: "" })).toStrictEqual(running(null, "state dreaming"));
    expect(jobs.read({})).toStrictEqual(running(null, "state undefined"));
  });

  it.each(["constructor", "toString", "hasOwnProperty", "__proto__", ""])(
    "named like a property of every object counts as running, and is reported: %j",
    (state) => {
      expect(jobs.read({ state })).toStrictEqual(running(null, `state ${state}`));
    },
  );

  it.each([[null], [undefined], ["x"], [{ state: 7 }]])("of another shape teaches nothing: %j", (data) => {
    expect(jobs.read(data)).toMatchObject({ state: "unseen" });
  });
});

describe("a 4o record", () => {
  it.each([
    ["with both words", { status: "GENERATING", successFlag: 0, progress: "0.35" }, running(0.35)],
    ["without a status", { successFlag: 0, progress: "0.00" }, running(0)],
    ["without a flag", { status: "GENERATING", progress: "1.00" }, running(1)],
    ["with percents", { status: "GENERATING", progress: 35 }, running(0.35)],
    ["with an unreadable progress", { status: "GENERATING", progress: "soon" }, running()],
    ["with an empty progress", { status: "GENERATING", progress: "" }, running()],
    [
      "with an unknown status",
      { status: "POLISHING" },
      running(null, "status POLISHING, successFlag undefined"),
    ],
    [
      "with a status that every object has",
      { status: "constructor" },
      running(null, "status constructor, successFlag undefined"),
    ],
    ["with an unknown status and a known flag", { status: "POLISHING", successFlag: 0 }, running()],
  ])("is running: %s", (_, data, report) => {
    expect(gpt4oImage.read({ response: null, errorCode: null, errorMessage: "", ...data })).toStrictEqual(
      report,
    );
  });

  it.each([
    ["resultUrls", { status: "SUCCESS", successFlag: 1, response: { resultUrls: [A, B] } }],
    ["result_urls", { status: "SUCCESS", response: { result_urls: [A, B] } }],
    [
      "a flag only",
      { successFlag: 1, response: { resultUrls: [A, B] }, completeTime: "2026-08-31 10:00:00" },
    ],
  ])("succeeded with %s", (_, data) => {
    expect(gpt4oImage.read(data)).toStrictEqual(succeeded([A, B]));
  });

  it.each<[string, Record<string, unknown>, FailureCode]>([
    [
      "GENERATE_FAILED",
      { status: "GENERATE_FAILED", errorCode: 400, errorMessage: "flagged" },
      "content_policy",
    ],
    ["CREATE_TASK_FAILED", { status: "CREATE_TASK_FAILED", errorCode: 451 }, "input_unreachable"],
    ["a flag only", { successFlag: 2, errorCode: 500, errorMessage: "Internal Error" }, "provider_error"],
  ])("failed by %s", (_, data, code) => {
    expect(gpt4oImage.read(data)).toStrictEqual(failed(code));
  });
});

describe("a Veo record", () => {
  it.each([
    [{ successFlag: 0, response: null }, running()],
    [{ successFlag: 1, response: { resultUrls: [A], originUrls: null } }, succeeded([A])],
    [{ successFlag: 1, response: { resultUrls: `["${A}"]` } }, succeeded([A])],
    [{ successFlag: 1, response: null }, succeeded([])],
    [{ successFlag: 2, errorCode: 451, errorMessage: "" }, failed("input_unreachable")],
    [{ successFlag: 3, errorCode: "501", errorMessage: "failed" }, failed("provider_error")],
    [{ successFlag: 9 }, running(null, "successFlag 9")],
  ])("%j is read", (data, report) => {
    expect(veo.read(data)).toStrictEqual(report);
  });
});

describe("a Flux Kontext record", () => {
  it.each([
    [{ successFlag: 0, errorMessage: "", response: null }, running()],
    [{ successFlag: "1", response: { originImageUrl: null, resultImageUrl: A } }, succeeded([A])],
    [{ successFlag: 1, response: { originImageUrl: "", resultImageUrl: "" } }, succeeded([])],
    [{ successFlag: 2, errorCode: 451, errorMessage: null }, failed("input_unreachable")],
    [{ successFlag: 3, errorCode: 400, errorMessage: "flagged" }, failed("content_policy")],
    [{ successFlag: 7 }, running(null, "successFlag 7")],
  ])("%j is read", (data, report) => {
    expect(fluxKontext.read(data)).toStrictEqual(report);
  });
});

describe("a callback names its task", () => {
  it.each([
    ["Flux, success", { code: 200, msg: "ok", data: { taskId: "t", info: { resultImageUrl: A } } }],
    [
      "Flux, failure",
      { code: 400, msg: "no", data: { taskId: "t", info: { originImageUrl: "", resultImageUrl: "" } } },
    ],
    ["4o, success", { code: 200, data: { taskId: "t", info: { result_urls: [A] } } }],
    ["4o, failure", { code: 500, data: { taskId: "t", info: null } }],
    [
      "jobs, success",
      { code: 200, data: { taskId: "t", state: "success", resultJson: "{}", consumeCredits: 4 } },
    ],
    ["jobs, failure without a result", { code: 501, data: { taskId: "t", state: "fail", failCode: "500" } }],
    ["Veo, success", { code: 200, data: { taskId: "t", info: { resultUrls: [A] } } }],
    ["Veo, failure", { code: 422, data: { taskId: "t", fallbackFlag: false } }],
    ["data.task_id", { code: 200, data: { task_id: "t" } }],
    ["taskId at the root", { taskId: "t", data: null }],
    ["task_id at the root", { task_id: "t" }],
  ])("%s", async (_, body) => {
    expect(await taskIdIn(body)).toBe("t");
  });

  it.each([[null], ["t"], [{}], [{ data: { taskId: "" } }], [{ data: { taskId: 7 } }]])(
    "%j names none",
    async (body) => {
      expect(await taskIdIn(body)).toBeNull();
    },
  );
});
