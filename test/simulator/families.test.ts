import { describe, expect, it } from "vitest";
import { CALLBACK_URL, last, ORIGIN, startProvider } from "./harness.ts";
import type { Provider } from "./harness.ts";

const JOBS = { create: "/api/v1/jobs/createTask", record: "/api/v1/jobs/recordInfo" };
const GPT4O = { create: "/api/v1/gpt4o-image/generate", record: "/api/v1/gpt4o-image/record-info" };
const VEO = { create: "/api/v1/veo/generate", record: "/api/v1/veo/record-info" };

const job = (prompt: string, model = "google/nano-banana") => ({
  model,
  input: { prompt },
  callBackUrl: CALLBACK_URL,
});
const drawing = (prompt: string) => ({ prompt, size: "1:1", callBackUrl: CALLBACK_URL });

const video = (prompt: string) => ({ prompt, model: "veo3", callBackUrl: CALLBACK_URL });

async function post(provider: Provider, path: string, body: unknown): Promise<unknown> {
  return await (await provider.call(path, { method: "POST", body: JSON.stringify(body) })).json();
}

/** A task of a family, and how to read its record. */
async function start({ create, record }: typeof JOBS, body: unknown) {
  const provider = startProvider();
  await post(provider, create, body);
  const task = last(provider.simulator);
  const read = async () => {
    const answer = await provider.call(`${record}?taskId=${task.id}`);
    return (await answer.json<{ data: Record<string, unknown> }>()).data;
  };
  return { ...provider, made: task, read };
}

describe("a create call of the market", () => {
  it.each([
    ["an unknown model", { model: "nonsense", input: { prompt: "a" } }, 422, /not supported/],
    ["no model", { input: { prompt: "a" } }, 422, /not supported/],
    ["no input", { model: "z-image" }, 500, /^input is required$/],
    ["no prompt", { model: "z-image", input: { aspect_ratio: "1:1" } }, 500, /^prompt is required$/],
    ["a missing field", { model: "z-image", input: { prompt: "a" } }, 500, /^aspect_ratio is required$/],
    [
      "a field of another model",
      { model: "google/nano-banana", input: { prompt: "a", resolution: "1K" } },
      422,
      /resolution/,
    ],
    [
      "two images where one is allowed",
      {
        model: "sora-2-image-to-video",
        input: { prompt: "a", image_urls: ["http://a.test", "http://b.test"] },
      },
      422,
      /image_urls/,
    ],
    [
      "shots that are too long",
      { model: "sora-2-pro-storyboard", input: { n_frames: "10", shots: [{ Scene: "a", duration: 11 }] } },
      422,
      /n_frames/,
    ],
  ])("with %s is refused", async (_, body, code, msg) => {
    expect(await post(startProvider(), JOBS.create, body)).toStrictEqual({
      code,
      msg: expect.stringMatching(msg),
    });
  });

  it("gets the task's id twice in its answer", async () => {
    const provider = startProvider();

    const answer = await post(provider, JOBS.create, job("a red fox"));

    const { id } = last(provider.simulator);
    expect(answer).toStrictEqual({ code: 200, msg: "success", data: { taskId: id, recordId: id } });
  });
});

describe("a record of the market", () => {
  it("goes through its states, with an empty string as result until success", async () => {
    const { read, clock, made } = await start(JOBS, job("a red fox"));
    const shown: unknown[] = [];
    for (const step of [0, 1000, 1000, 1000]) {
      await clock.advance(step);
      const { state, resultJson, costTime } = await read();
      shown.push([state, resultJson, costTime]);
    }

    expect(shown).toStrictEqual([
      ["waiting", "", null],
      ["queuing", "", null],
      ["generating", "", null],
      ["success", JSON.stringify({ resultUrls: made.resultUrls }), 3],
    ]);
  });

  it("has the request as JSON in JSON", async () => {
    const { read } = await start(JOBS, job("a red fox"));

    const param = JSON.parse(String((await read())["param"])) as { input: string };

    expect(JSON.parse(param.input)).toStrictEqual({ prompt: "a red fox" });
  });

  it("of Sora has watermarked copies of its results", async () => {
    const { read, clock, made } = await start(JOBS, job("a red fox", "sora-2-text-to-video"));
    await clock.advance(3000);

    expect(JSON.parse(String((await read())["resultJson"]))).toStrictEqual({
      resultUrls: made.resultUrls,
      resultWaterMarkUrls: [`${ORIGIN}/watermarked/${made.id}/0.mp4`],
    });
  });

  it("reports the reason of a failure and a cost of zero", async () => {
    const { read, clock } = await start(JOBS, job("a [sim:fail-422-policy]"));
    await clock.advance(3000);

    expect(await read()).toMatchObject({
      state: "fail",
      failCode: "422",
      failMsg: expect.stringContaining("CONTENT_POLICY_BLOCKED"),
      resultJson: "",
      creditsConsumed: 0,
    });
  });

  it.each([
    ["resultjson-object", 3000, { resultUrls: [expect.any(String)] }],
    ["snake-case-urls", 3000, expect.stringContaining('{"result_urls":[')],
    ["resultjson-filled-while-waiting", 0, expect.stringContaining("example.com")],
  ])("has the spelling of %s", async (marker, after, resultJson) => {
    const { read, clock } = await start(JOBS, job(`a [sim:${marker}]`));
    await clock.advance(after);

    expect((await read())["resultJson"]).toStrictEqual(resultJson);
  });
});

describe("a record of 4o", () => {
  it("shows its progress as text, then a link per variant", async () => {
    const { read, clock, made } = await start(GPT4O, { ...drawing("a red fox"), nVariants: 4 });
    await clock.advance(1500);
    const half = await read();
    await clock.advance(1500);

    expect(half).toMatchObject({ status: "GENERATING", successFlag: 0, progress: "0.50", response: null });
    expect(await read()).toMatchObject({
      status: "SUCCESS",
      successFlag: 1,
      progress: "1.00",
      response: { resultUrls: made.resultUrls },
    });
    expect(new Set(made.sha256).size).toBe(4);
  });
});

describe("a callback", () => {
  it.each([
    [
      JOBS,
      job("a fox"),
      { code: 200, data: { state: "success", resultJson: expect.stringContaining("resultUrls") } },
    ],
    [JOBS, job("a [sim:fail-500]"), { code: 501, data: { state: "fail", failCode: "500" } }],
    [GPT4O, drawing("a fox"), { code: 200, data: { info: { result_urls: [expect.any(String)] } } }],
    [GPT4O, drawing("a [sim:fail-501]"), { code: 500, data: { info: null } }],
    [VEO, video("a fox"), { code: 200, data: { info: { resultUrls: [expect.any(String)] } } }],
    [VEO, video("a [sim:fail-400]"), { code: 400, data: { fallbackFlag: false } }],
  ])("of %j for %j has its family's shape", async (paths, body, shape) => {
    const { clock, delivered, made } = await start(paths, body);
    await clock.advance(3000);

    expect(delivered[0]?.body).toMatchObject({ ...shape, data: { taskId: made.id, ...shape.data } });
  });

  it("of a failed job lacks its result", async () => {
    const { clock, delivered } = await start(JOBS, job("a [sim:fail-500]"));
    await clock.advance(3000);

    expect(delivered).toMatchObject([{ body: { data: expect.not.objectContaining({ resultJson: "" }) } }]);
  });
});

describe("a download link", () => {
  it("works for 20 minutes where the result's own link is dead", async () => {
    const provider = await start(JOBS, job("a [sim:link-stale]"));
    const { clock, made, call, result } = provider;
    await clock.advance(3000);

    const dead = await result(made);
    const answer = await post(provider, "/api/v1/common/download-url", { url: made.resultUrls[0] });
    const { data } = answer as { data: string };
    const path = data.replace(ORIGIN, "");
    const young = await call(path);
    await clock.advance(20 * 60_000);
    const old = await call(path);

    expect([dead.status, young.status, old.status]).toStrictEqual([404, 200, 403]);
  });

  it.each([
    ["/api/v1/common/download-url", { url: "https://example.com/a.png" }, 422],
    ["/api/v1/gpt4o-image/download-url", { taskId: "x", url: "https://example.com/a.png" }, 422],
    ["/api/v1/gpt4o-image/download-url", { url: "https://example.com/a.png" }, 500],
  ])("from %s for %j is refused", async (path, body, code) => {
    expect(await post(startProvider(), path, body)).toMatchObject({ code });
  });
});
