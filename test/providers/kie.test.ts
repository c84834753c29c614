import { describe, expect, it } from "vitest";
import { createLog } from "../../src/lib/log.ts";
import { readCallback } from "../../src/providers/kie/callback.ts";
import { classifyRefusal, taskFailure } from "../../src/providers/kie/classify.ts";
import { callKie, readEnvelope } from "../../src/providers/kie/client.ts";
import { fluxKontext } from "../../src/providers/kie/flux-kontext.ts";

const silent = createLog(() => undefined);
const answered = (code: number, message = "") => ({ kind: "answered" as const, code, message, data: null });

const UNSIGNED = { key: null, now: Date.now };
const taskIdIn = async (body: unknown) => {
  const reading = await readCallback({ text: JSON.stringify(body), headers: new Headers() }, UNSIGNED);
  return reading.kind === "genuine" ? (reading.operation?.["taskId"] ?? null) : reading.kind;
};

describe("the envelope", () => {
  it.each([
    ['{"code":200,"msg":"success","data":{"taskId":"a"}}', { code: 200, message: "success" }],
    ['{"code":"429","message":"slow down"}', { code: 429, message: "slow down" }],
    ['{"code":401,"msg":null}', { code: 401, message: "" }],
  ])("is read from %s", (text, expected) => {
    expect(readEnvelope(text)).toMatchObject(expected);
  });

  it.each(["<html>", "", "null", "[]", '{"data":1}', '{"code":"soon"}'])("is not found in %j", (text) => {
    expect(readEnvelope(text)).toBeNull();
  });

  it("is read by its own code, whatever HTTP says", async () => {
    const client = {
      baseUrl: "https://kie.example",
      fetch: async () => Response.json({ code: 402, msg: "no" }, { status: 500 }),
    };
    const answer = await callKie(client, { method: "GET", path: "/x", key: "k" }, silent);
    expect(answer).toMatchObject({ kind: "answered", code: 402 });
  });

  it("is asked for by a client with a name, that follows no redirect", async () => {
    const calls: RequestInit[] = [];
    const client = {
      baseUrl: "https://kie.example",
      fetch: async (_url: string, init: RequestInit = {}) => {
        calls.push(init);
        return new Response("{}");
      },
    };
    await callKie(client, { method: "POST", path: "/x", key: "secret-1", body: { a: 1 } }, silent);
    expect(calls[0]).toMatchObject({
      redirect: "manual",
      body: '{"a":1}',
      headers: { Authorization: "Bearer secret-1" },
    });
    expect(new Headers(calls[0]?.headers).get("User-Agent")).toMatch(/^Darkroom\/\d/);
  });

  it.each([
    [403, "error code: 1010", true],
    [500, "error code: 1101", false],
    [403, "error code: 1102", false],
    [502, "<html>", false],
  ])("that is none, HTTP %i %j, is the edge's own refusal: %s", async (status, text, isFromEdge) => {
    const client = { baseUrl: "https://kie.example", fetch: async () => new Response(text, { status }) };
    const answer = await callKie(client, { method: "POST", path: "/x", key: "k" }, silent);
    expect(answer).toEqual({ kind: "unreadable", httpStatus: status, isFromEdge });
  });

  it("that does not come is silence, not an exception, and no key reaches the log", async () => {
    const lines: string[] = [];
    const client = {
      baseUrl: "https://kie.example",
      fetch: () => Promise.reject(new TypeError("connection lost")),
    };
    const answer = await callKie(
      client,
      { method: "POST", path: "/x", key: "secret-1" },
      createLog((_level, line) => void lines.push(line)),
    );
    expect(answer).toEqual({ kind: "silent", reason: "no answer: the connection broke off" });
    expect(lines.join("\n")).not.toContain("secret-1");
  });
});

describe("a create call's answer", () => {
  it.each([
    [answered(400, "bad field"), "refused", "invalid_input_upstream"],
    [answered(400, "Your content was flagged by our policy"), "refused", "content_policy"],
    [answered(401), "refused", "provider_key_invalid"],
    [answered(402), "refused", "provider_credits_exhausted"],
    [answered(404), "refused", "model_unavailable"],
    [answered(422), "refused", "invalid_input_upstream"],
    [answered(433), "refused", "provider_credits_exhausted"],
    [answered(451), "refused", "input_unreachable"],
    [answered(505), "refused", "model_unavailable"],
    [answered(500, "This field is required"), "refused", "invalid_input_upstream"],
    [answered(500, "prompt is required"), "refused", "invalid_input_upstream"],
    [answered(500, "safety tolerance out of range [0, 2]"), "refused", "invalid_input_upstream"],
    [answered(500, "This interface is temporarily paused."), "refused", "model_unavailable"],
    [answered(500, "Credits insufficient"), "refused", "provider_credits_exhausted"],
    [{ kind: "unreadable" as const, httpStatus: 403, isFromEdge: true }, "refused", "provider_error"],
  ])("%j is a definite refusal", (answer, outcome, code) => {
    expect(classifyRefusal(answer)).toMatchObject({ outcome, failure: { code } });
  });

  it.each([
    [answered(429), "throttled"],
    [answered(455), "not_now"],
    [answered(550), "not_now"],
    [{ kind: "unreadable" as const, httpStatus: 429, isFromEdge: false }, "throttled"],
  ])("%j means later", (answer, reason) => {
    expect(classifyRefusal(answer)).toMatchObject({ outcome: "postponed", reason });
  });

  it.each([
    answered(500, "Internal server error"),
    answered(500, "list index out of range"),
    { kind: "unreadable" as const, httpStatus: 403, isFromEdge: false },
    answered(408),
    answered(501),
    answered(531),
    answered(999),
    { kind: "unreadable" as const, httpStatus: 502, isFromEdge: false },
    { kind: "unreadable" as const, httpStatus: 200, isFromEdge: false },
    { kind: "unreadable" as const, httpStatus: 408, isFromEdge: false },
    { kind: "silent" as const, reason: "no answer in time" },
  ])("%j leaves it unknown whether a task was made", (answer) => {
    expect(classifyRefusal(answer)).toMatchObject({ outcome: "unknown" });
  });
});

describe("a Flux Kontext record", () => {
  const urls = { originImageUrl: null, resultImageUrl: "https://r.example/1.png" };

  it.each([
    [
      { successFlag: 0, response: null },
      { state: "running", unknownWord: null },
    ],
    [
      { successFlag: 1, response: urls },
      { state: "succeeded", urls: [urls.resultImageUrl] },
    ],
    [
      { successFlag: "1", response: urls },
      { state: "succeeded", urls: [urls.resultImageUrl] },
    ],
    [
      { successFlag: 1, response: { resultImageUrl: "" } },
      { state: "succeeded", urls: [] },
    ],
    [
      { successFlag: 1, response: null },
      { state: "succeeded", urls: [] },
    ],
    [
      { successFlag: 2, errorCode: 451, errorMessage: "x" },
      { state: "failed", failure: { code: "input_unreachable" } },
    ],
    [
      { successFlag: 3, errorCode: 400, errorMessage: "x" },
      { state: "failed", failure: { code: "content_policy" } },
    ],
    [
      { successFlag: 3, errorCode: "500", errorMessage: null },
      { state: "failed", failure: { code: "provider_error" } },
    ],
    [
      { successFlag: 3, errorCode: null, errorMessage: "" },
      { state: "failed", failure: { code: "provider_error" } },
    ],
    [{ successFlag: 9 }, { state: "running", unknownWord: "successFlag 9" }],
    [{}, { state: "running", unknownWord: "successFlag undefined" }],
    [null, { state: "unseen" }],
    ["", { state: "unseen" }],
  ])("%j is read", (data, expected) => {
    expect(fluxKontext.read(data)).toMatchObject(expected);
  });
});

describe("why a task failed", () => {
  it.each([
    [400, "The uploaded image violates our content policy.", "content_policy"],
    [500, "Failed to download the image from the URL", "input_unreachable"],
    [422, "Your media file is unavailable", "input_unreachable"],
    [500, "Internal error", "provider_error"],
  ])("(%i, %j) is %s", (code, message, expected) => {
    expect(taskFailure(code, message).code).toBe(expected);
  });
});

describe("a callback's task id", () => {
  it.each([
    [{ data: { taskId: "a" } }, "a"],
    [{ data: { task_id: "a" } }, "a"],
    [{ taskId: "a" }, "a"],
    [{ task_id: "a", data: null }, "a"],
    [{ data: "text", taskId: "a" }, "a"],
    [{ data: { taskId: "a" }, taskId: 5 }, "a"],
    [{ data: {} }, null],
    [{ data: { taskId: "" } }, null],
    [[], null],
    ["x", null],
    [null, null],
  ])("of %j is %j", async (body, taskId) => {
    expect(await taskIdIn(body)).toBe(taskId);
  });
});
