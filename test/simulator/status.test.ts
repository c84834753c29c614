import { describe, expect, it } from "vitest";
import { startUpstream } from "./harness.ts";

describe("a status read", () => {
  it("shows a running task, then its result", async () => {
    const { task, record, clock } = startUpstream();
    const { id } = await task("a red fox", { outputFormat: "png" });

    const running = await record(id);
    await clock.advance(3000);
    const done = await record(id);

    const born = {
      taskId: id,
      paramJson: '{"prompt":"a red fox","outputFormat":"png"}',
      createTime: "2026-10-01T00:00:00.000Z",
    };
    expect(running.body).toStrictEqual({
      code: 200,
      msg: "success",
      data: {
        ...born,
        completeTime: null,
        successFlag: 0,
        errorCode: null,
        errorMessage: "",
        response: null,
      },
    });
    expect(done.body).toStrictEqual({
      code: 200,
      msg: "success",
      data: {
        ...born,
        completeTime: "2026-10-01T00:00:03.000Z",
        successFlag: 1,
        errorCode: null,
        errorMessage: null,
        response: {
          originImageUrl: `http://upstream.test/origins/${id}/0.png`,
          resultImageUrl: `http://upstream.test/results/${id}/0.png`,
        },
      },
    });
  });

  it("counts, and the task shows its state over time", async () => {
    const { task, record, clock } = startUpstream();
    const made = await task("a red fox");
    await record(made.id);
    await record(made.id);

    const before = made.state;
    await clock.advance(3000);

    expect([before, made.state, made.readsOfStatus]).toStrictEqual(["running", "succeeded", 2]);
  });

  it("with another account's key finds nothing", async () => {
    const { task, call } = startUpstream();
    const { id } = await task("a red fox");

    const response = await call(`/api/v1/flux/kontext/record-info?taskId=${id}`, {
      headers: { Authorization: "Bearer key-2", "User-Agent": "test" },
    });

    expect(await response.json()).toMatchObject({ code: 404 });
  });

  it.each([
    ["fail-400", { successFlag: 3, errorCode: 400 }],
    ["fail-422-media", { successFlag: 3, errorCode: 422 }],
    ["fail-451", { successFlag: 2, errorCode: 451 }],
    ["fail-501", { successFlag: 3, errorCode: 501 }],
    ["success-no-url", { successFlag: 1, response: { resultImageUrl: "" } }],
    [
      "origin-url-null",
      {
        successFlag: 1,
        response: { originImageUrl: null, resultImageUrl: expect.stringContaining("/results/") },
      },
    ],
    ["stuck", { successFlag: 0, completeTime: null }],
    ["slow=4", { successFlag: 0 }],
    ["unknown-state", { successFlag: 7 }],
  ])("tells what %s has come to after the usual time", async (marker, data) => {
    const { task, record, clock } = startUpstream();
    const { id } = await task(`a [sim:${marker}]`);

    await clock.advance(3000);

    expect((await record(id)).body).toMatchObject({ code: 200, data });
  });

  it("shows an unknown state for three usual durations, then success", async () => {
    const { task, clock } = startUpstream();
    const made = await task("a [sim:unknown-state]");

    await clock.advance(8999);
    const before = made.state;
    await clock.advance(1);

    expect([before, made.state]).toStrictEqual(["unknown", "succeeded"]);
  });

  it("goes wrong the first times in every way that was asked for", async () => {
    const { task, record } = startUpstream();
    const { id } = await task("a [sim:status-500][sim:record-null=2][sim:status-429]");

    const answers = [
      await record(id),
      await record(id),
      await record(id),
      await record(id),
      await record(id),
    ];

    const missing = { status: 200, body: { code: 422, msg: "recordInfo is null" } };
    expect(answers).toMatchObject([
      { status: 500 },
      { status: 200, body: { code: 429 } },
      missing,
      missing,
      { body: { code: 200 } },
    ]);
  });
});
