import { describe, expect, it } from "vitest";
import { CALLBACK_URL, startProvider } from "./harness.ts";

const ADDRESSED = { callBackUrl: CALLBACK_URL };

describe("a callback", () => {
  it("arrives at the end of the task with the links of the status", async () => {
    const { task, clock, delivered } = startProvider();
    const made = await task("a red fox", ADDRESSED);

    await clock.advance(2999);
    const early = delivered.length;
    await clock.advance(1);

    expect(early).toBe(0);
    expect(delivered).toMatchObject([
      {
        body: {
          code: 200,
          data: {
            taskId: made.id,
            info: { originImageUrl: expect.any(String), resultImageUrl: made.resultUrls[0] },
          },
        },
      },
    ]);
    expect(made.callbacks).toMatchObject([{ at: clock.now(), url: CALLBACK_URL, status: 200 }]);
  });

  it.each([
    ["fail-400", 400],
    ["fail-422-media", 500],
    ["fail-501", 501],
  ])("of %s carries the documented code and two empty links", async (marker, code) => {
    const { task, clock, delivered } = startProvider();
    const { id } = await task(`a [sim:${marker}]`, ADDRESSED);

    await clock.advance(3000);

    expect(delivered[0]?.body).toStrictEqual({
      code,
      msg: expect.any(String),
      data: { taskId: id, info: { originImageUrl: "", resultImageUrl: "" } },
    });
  });

  it("is sent to loopback addresses only", async () => {
    const { task, clock, delivered } = startProvider();
    const made = await task("a red fox", { callBackUrl: "https://example.com/callback" });

    await clock.advance(3000);

    expect(delivered).toHaveLength(0);
    expect(made.callbacks).toMatchObject([{ status: "not reachable" }]);
  });

  it("gets three more tries without an answer of 200", async () => {
    const { task, clock } = startProvider({ deliver: async () => new Response("busy", { status: 503 }) });
    const made = await task("a red fox", ADDRESSED);

    await clock.advance(24 * 3_600_000);

    expect(made.callbacks.map(({ at, status }) => [at - made.createdAt, status])).toStrictEqual([
      [3000, 503],
      [63_000, 503],
      [363_000, 503],
      [1_263_000, 503],
    ]);
  });

  it("counts as unanswered when its receiver is unreachable", async () => {
    const { task, clock } = startProvider({ deliver: () => Promise.reject(new TypeError("refused")) });
    const made = await task("a red fox", ADDRESSED);

    await clock.advance(3000);

    expect(made.callbacks).toMatchObject([{ status: "no answer" }]);
  });

  it("counts as unanswered after 15 s of silence", async () => {
    const timers: { delayMs: number; run: () => Promise<void> }[] = [];
    const { task } = startProvider({
      schedule: (delayMs, run) => void timers.push({ delayMs, run }),
      deliver: () => {
        void timers.find(({ delayMs }) => delayMs === 15_000)?.run();
        return new Promise(() => {});
      },
    });
    const made = await task("a red fox", ADDRESSED);

    await timers[0]?.run();

    expect(made.callbacks).toMatchObject([{ status: "no answer" }]);
  });

  it("is sent again on request over HTTP, even when a marker suppresses it", async () => {
    const { task, clock, call, delivered } = startProvider();
    const { id } = await task("a [sim:no-callback]", ADDRESSED);
    const path = `/__simulator/tasks/${id}/callback`;

    const tooSoon = await call(path, { method: "POST" });
    await clock.advance(3000);
    const unasked = delivered.length;
    const sent = await call(path, { method: "POST" });

    expect([tooSoon.status, unasked, sent.status]).toStrictEqual([409, 0, 200]);
    expect(delivered).toMatchObject([{ body: { data: { taskId: id } } }]);
  });
});

describe("with a marker in the prompt, a callback", () => {
  it("arrives twice", async () => {
    const { task, clock, delivered } = startProvider();
    await task("a [sim:callback-twice]", ADDRESSED);

    await clock.advance(3000);

    expect(delivered).toHaveLength(2);
    expect(delivered[1]?.body).toStrictEqual(delivered[0]?.body);
  });

  it("arrives before the answer to its create call", async () => {
    const order: string[] = [];
    const { simulator, create } = startProvider({
      deliver: async () => {
        order.push(`called back while ${simulator.tasks[0]?.state}`);
        return new Response();
      },
    });

    await create({ prompt: "a [sim:callback-early]", ...ADDRESSED });
    order.push("answered");

    expect(order).toStrictEqual(["called back while succeeded", "answered"]);
  });

  it("arrives late", async () => {
    const { task, clock, delivered } = startProvider();
    await task("a [sim:callback-late=60]", ADDRESSED);

    await clock.advance(62_999);
    const early = delivered.length;
    await clock.advance(1);

    expect([early, delivered.length]).toStrictEqual([0, 1]);
  });

  it("names another task", async () => {
    const { task, clock, delivered } = startProvider();
    const { id } = await task("a [sim:callback-wrong-task]", ADDRESSED);

    await clock.advance(3000);

    expect(delivered).toMatchObject([
      { body: { data: { taskId: expect.stringMatching(/^[0-9a-f]{32}$/) } } },
    ]);
    expect(delivered).not.toMatchObject([{ body: { data: { taskId: id } } }]);
  });

  it("claims a valid image that is not the result", async () => {
    const { task, clock, delivered, call, result } = startProvider();
    const made = await task("a [sim:callback-wrong-url]", ADDRESSED);

    await clock.advance(3000);
    const claimed = await call(`/forged/${made.id}/0.jpg`);
    const truth = await result(made);

    expect(delivered).toMatchObject([
      { body: { data: { info: { resultImageUrl: `http://provider.test/forged/${made.id}/0.jpg` } } } },
    ]);
    expect(await claimed.bytes()).not.toStrictEqual(await truth.bytes());
  });

  it("is followed by a failure", async () => {
    const { task, clock, delivered } = startProvider();
    const made = await task("a [sim:callback-out-of-order]", ADDRESSED);

    await clock.advance(3000);

    expect(delivered).toMatchObject([{ body: { code: 200 } }, { body: { code: 500 } }]);
    expect(made.state).toBe("succeeded");
  });
});
