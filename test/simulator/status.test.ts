import { describe, expect, it } from "vitest";
import { startProvider } from "./harness.ts";
import { DOCUMENTED_LIMITS } from "../../src/simulator/simulator.ts";

const codeOf = ({ body }: { readonly body: unknown }): unknown => (body as { code?: unknown }).code;

describe("a status read", () => {
  it("shows a running task, then its result", async () => {
    const { task, record, clock } = startProvider();
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
          originImageUrl: `http://provider.test/origins/${id}/0.png`,
          resultImageUrl: `http://provider.test/results/${id}/0.png`,
        },
      },
    });
  });

  it("is counted, and the task shows its state over time", async () => {
    const { task, record, clock } = startProvider();
    const made = await task("a red fox");
    await record(made.id);
    await record(made.id);

    const before = made.state;
    await clock.advance(3000);

    expect([before, made.state, made.readsOfStatus]).toStrictEqual(["running", "succeeded", 2]);
  });

  it("with another account's key finds nothing", async () => {
    const { task, call } = startProvider();
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
  ])("shows the end of %s after the usual time", async (marker, data) => {
    const { task, record, clock } = startProvider();
    const { id } = await task(`a [sim:${marker}]`);

    await clock.advance(3000);

    expect((await record(id)).body).toMatchObject({ code: 200, data });
  });

  it("shows an unknown state for three usual durations, then success", async () => {
    const { task, clock } = startProvider();
    const made = await task("a [sim:unknown-state]");

    await clock.advance(8999);
    const before = made.state;
    await clock.advance(1);

    expect([before, made.state]).toStrictEqual(["unknown", "succeeded"]);
  });

  it("fails the first times in every requested way", async () => {
    const { task, record } = startProvider();
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
      missing,
      missing,
      { status: 200, body: { code: 429 } },
      { body: { code: 200 } },
    ]);
  });
});

describe("the limits on status reads", () => {
  it("are ten a second per account; more are refused and not counted", async () => {
    const { task, record, clock, simulator } = startProvider(DOCUMENTED_LIMITS);
    const { id } = await task("a red fox");
    const codes: unknown[] = [];
    for (let read = 0; read < 12; read += 1) codes.push(codeOf(await record(id)));
    expect(codes).toStrictEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(simulator.refusedReads()).toBe(2);
    await clock.advance(1_000);
    expect(codeOf(await record(id))).toBe(200);
  });

  it("are three a second per task of 4o images", async () => {
    const { simulator, call } = startProvider(DOCUMENTED_LIMITS);
    const body = JSON.stringify({ prompt: "a red fox", size: "1:1" });
    await call("/api/v1/gpt4o-image/generate", { method: "POST", body });
    const path = `/api/v1/gpt4o-image/record-info?taskId=${simulator.tasks[0]?.id}`;
    const codes: unknown[] = [];
    for (let read = 0; read < 4; read += 1) codes.push(codeOf({ body: await (await call(path)).json() }));
    expect(codes).toStrictEqual([200, 200, 200, 429]);
  });
});

describe("an account with a problem", () => {
  it("refuses every call while it is locked, and spends nothing while it is empty", async () => {
    const { create, task, record, simulator } = startProvider();
    const { id } = await task("a red fox");
    simulator.setAccountProblem("key-1", "locked");
    expect([codeOf(await create({ prompt: "a fox" })), codeOf(await record(id))]).toStrictEqual([401, 401]);
    simulator.setAccountProblem("key-1", "empty");
    expect([codeOf(await create({ prompt: "a fox" })), codeOf(await record(id))]).toStrictEqual([402, 200]);
    simulator.setAccountProblem("key-1", null);
    expect(codeOf(await create({ prompt: "a fox" }))).toBe(200);
  });
});

describe("the limit on running tasks", () => {
  it("is a hundred per account; the next may start when one ends", async () => {
    const { create, clock } = startProvider({
      ...DOCUMENTED_LIMITS,
      createLimit: { count: 1_000, windowMs: 10_000 },
    });
    const codes: unknown[] = [];
    for (let number = 0; number < 101; number += 1)
      codes.push(codeOf(await create({ prompt: `fox ${number}` })));
    expect(codes.indexOf(429)).toBe(100);
    await clock.advance(3_000);
    expect(codeOf(await create({ prompt: "one more" }))).toBe(200);
  });
});
