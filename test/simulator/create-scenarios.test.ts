import { describe, expect, it } from "vitest";
import { startProvider } from "./harness.ts";

const CREATE = "/api/v1/flux/kontext/generate";

describe("with a marker in the prompt, a create call", () => {
  it("is refused the first times", async () => {
    const { create, simulator } = startProvider();
    const body = { prompt: "a [sim:create-429=1] [sim:create-455=1]" };

    const codes = [await create(body), await create(body), await create(body)].map((answer) => answer.body);

    expect(codes).toMatchObject([{ code: 429 }, { code: 455 }, { code: 200 }]);
    expect(simulator.creates()).toBe(1);
  });

  it("is refused every time", async () => {
    const { create, simulator } = startProvider();
    const body = { prompt: "a [sim:create-paused]" };

    await create(body);
    const second = await create(body);

    expect(second.body).toStrictEqual({ code: 500, msg: "This interface is temporarily paused." });
    expect(simulator.creates()).toBe(0);
  });

  it.each([
    ["create-500-after-accept", 200, { code: 500, msg: "Internal server error" }],
    ["create-html-502", 502, expect.stringContaining("<h1>502 Bad Gateway</h1>")],
    ["create-no-task-id", 200, { code: 200, msg: "success", data: {} }],
    ["code-as-string", 200, { code: "200", msg: "success", data: { taskId: expect.any(String) } }],
  ])("makes a task although it answers like %s", async (name, status, body) => {
    const { create, simulator } = startProvider();

    const answer = await create({ prompt: `a [sim:${name}]` });

    expect(answer).toStrictEqual({ status, body });
    expect(simulator.creates()).toBe(1);
  });

  it("loses its connection after the task is made", async () => {
    const { call, simulator } = startProvider();

    const calling = call(CREATE, { method: "POST", body: JSON.stringify({ prompt: "[sim:create-drop]" }) });

    await expect(calling).rejects.toThrow("Network connection lost.");
    expect(simulator.creates()).toBe(1);
  });

  it("hangs until the caller gives up", async () => {
    const { call, simulator } = startProvider();
    const caller = new AbortController();
    const init = {
      method: "POST",
      body: JSON.stringify({ prompt: "[sim:create-hang]" }),
      signal: caller.signal,
    };

    const calling = call(CREATE, init);
    caller.abort(new DOMException("too slow", "TimeoutError"));

    await expect(calling).rejects.toThrow("too slow");
    expect(simulator.creates()).toBe(1);
  });

  it("is refused for an unknown scenario with its name", async () => {
    const { create } = startProvider();

    const { body } = await create({ prompt: "a [sim:calback-twice]" });

    expect(body).toStrictEqual({
      code: 422,
      msg: 'unknown simulator scenario "calback-twice"; src/simulator/README.md lists them all',
    });
  });

  it("is refused for an unexpected number", async () => {
    const { create } = startProvider();

    const { body } = await create({ prompt: "a [sim:stuck=3]" });

    expect(body).toMatchObject({ code: 422 });
  });
});
