import { describe, expect, it } from "vitest";
import { last, startProvider } from "./harness.ts";

describe("a create call", () => {
  it("returns the id of a task that stores the body as received", async () => {
    const { create, simulator } = startProvider();

    const { status, body } = await create({ prompt: "a red fox", aspectRatio: "1:1" });

    const task = last(simulator);
    expect(status).toBe(200);
    expect(body).toStrictEqual({ code: 200, msg: "success", data: { taskId: task.id } });
    expect(task.id).toMatch(/^[0-9a-f]{32}$/);
    expect(task.body).toStrictEqual({ prompt: "a red fox", aspectRatio: "1:1" });
    expect(task.key).toBe("key-1");
    expect(simulator.creates()).toBe(1);
  });

  it("makes a second task with another image when it is repeated", async () => {
    const { task, simulator } = startProvider();

    const first = await task("a red fox");
    const second = await task("a red fox");

    expect(simulator.creates()).toBe(2);
    expect(second.id).not.toBe(first.id);
    expect(second.sha256).not.toStrictEqual(first.sha256);
  });

  it.each([
    ["no prompt", {}, { code: 500, msg: "prompt is required" }],
    ["an empty prompt", { prompt: "" }, { code: 500, msg: "prompt is required" }],
    ["an unknown field", { prompt: "a", size: "1:1" }, { code: 422, msg: 'Unrecognized key: "size"' }],
    [
      "an unknown ratio",
      { prompt: "a", aspectRatio: "2:1" },
      { code: 422, msg: expect.stringContaining("aspectRatio: ") },
    ],
    ["a body that is no object", ["a"], { code: 400, msg: expect.any(String) }],
    [
      "a tolerance that edits do not allow",
      { prompt: "a", inputImage: "http://x.test/a.png", safetyTolerance: 3 },
      { code: 500, msg: expect.stringContaining("safety tolerance out of range") },
    ],
  ])("with %s is refused inside an HTTP 200", async (_, body, refusal) => {
    const { create, simulator } = startProvider();

    const answer = await create(body);

    expect(answer).toStrictEqual({ status: 200, body: refusal });
    expect(simulator.creates()).toBe(0);
    expect(simulator.refused).toMatchObject([{ key: "key-1", code: refusal.code, body }]);
  });

  it("with a bad key is refused and recorded", async () => {
    const { call, simulator } = startProvider();

    const response = await call("/api/v1/flux/kontext/generate", {
      method: "POST",
      headers: { Authorization: "Bearer wrong", "User-Agent": "test" },
      body: JSON.stringify({ prompt: "a" }),
    });

    expect(response.status).toBe(200);
    expect(await response.json()).toStrictEqual({ code: 401, msg: "You do not have access permissions" });
    expect(simulator.refused).toMatchObject([{ key: null, code: 401 }]);
  });

  it("without a User-Agent is refused by the proxy", async () => {
    const { call } = startProvider();

    const response = await call("/api/v1/chat/credit", {
      headers: { Authorization: "Bearer key-1", "User-Agent": "" },
    });

    expect(response.status).toBe(403);
    expect(await response.text()).toBe("error code: 1010");
  });

  it("above the account's limit is rejected until the window has passed", async () => {
    const { create, clock, simulator } = startProvider({ createLimit: { count: 2, windowMs: 10_000 } });
    await create({ prompt: "one" });
    await clock.advance(4000);
    await create({ prompt: "two" });

    const third = await create({ prompt: "three" });
    await clock.advance(6000);
    const fourth = await create({ prompt: "four" });
    const fifth = await create({ prompt: "five" });

    expect(third.body).toMatchObject({ code: 429 });
    expect(fourth.body).toMatchObject({ code: 200 });
    expect(fifth.body).toMatchObject({ code: 429 });
    expect(simulator.creates()).toBe(3);
  });

  it("costs credits and is refused without enough of them", async () => {
    const { create, call } = startProvider({ balance: 12 });
    await create({ prompt: "a", model: "flux-kontext-max" });

    const refused = await create({ prompt: "b" });
    const credit = await call("/api/v1/chat/credit");

    expect(refused.body).toMatchObject({ code: 402 });
    expect(await credit.json()).toStrictEqual({ code: 200, msg: "success", data: 2 });
  });
});
