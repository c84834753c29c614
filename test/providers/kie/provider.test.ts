import { describe, expect, it } from "vitest";
import type { FailureCode } from "../../../src/domain/failure.ts";
import { createKieProvider } from "../../../src/providers/kie/index.ts";
import { silent } from "../../models/wire-call.ts";

/** A provider whose provider answers everything with `answer`, and what it was asked. */
function providerOn(answer: unknown) {
  const calls: { method: string | undefined; path: string; body: unknown }[] = [];
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const body: unknown = init?.body == null ? null : await new Response(init.body).json();
    calls.push({ method: init?.method, path: pathname + search, body });
    return Response.json(answer);
  };
  return {
    calls,
    provider: createKieProvider({ baseUrl: "https://provider.test", fetch }, ["key"], {
      key: null,
      now: Date.now,
    }),
  };
}

const DEAD = "https://files.test/dead.png";
const task = (protocol: string) => ({ protocol, operation: { taskId: "t 1" }, credentialId: null });

describe("another link to a result", () => {
  it.each([
    ["kie/gpt4o-image", "/api/v1/gpt4o-image/download-url", { taskId: "t 1", url: DEAD }],
    ["kie/jobs", "/api/v1/common/download-url", { url: DEAD }],
    ["kie/veo", "/api/v1/common/download-url", { url: DEAD }],
    ["kie/flux-kontext", "/api/v1/common/download-url", { url: DEAD }],
  ])("is asked for as %s does", async (protocol, path, body) => {
    const { calls, provider } = providerOn({ code: 200, msg: "success", data: "https://files.test/new" });

    const link = await provider.refresh?.(task(protocol), DEAD, silent);

    expect(link).toBe("https://files.test/new");
    expect(calls).toStrictEqual([{ method: "POST", path, body }]);
  });

  it.each([
    ["refuses", { code: 422, msg: "url is wrong" }],
    ["answers nothing", { code: 200, msg: "success", data: null }],
    ["answers an object", { code: 200, msg: "success", data: { url: DEAD } }],
  ])("is null where the provider %s", async (_, answer) => {
    const { provider } = providerOn(answer);

    expect(await provider.refresh?.(task("kie/jobs"), DEAD, silent)).toBeNull();
  });
});

describe("a refused create call", () => {
  it.each<[number, string, FailureCode]>([
    [422, "The model name you specified is not supported. Please verify.", "model_unavailable"],
    [422, "CONTENT_POLICY_BLOCKED", "content_policy"],
    [422, "Your media file is unavailable, please check it", "input_unreachable"],
    [422, "image_urls: too many", "invalid_input_upstream"],
    [500, "This interface is temporarily paused.", "model_unavailable"],
    [500, "shots is required", "invalid_input_upstream"],
    [505, "disabled", "model_unavailable"],
  ])("of %i %j is understood", async (code, msg, failure) => {
    const { provider } = providerOn({ code, msg });
    const [credentialId = ""] = await provider.credentialIds();
    const where = { generationId: "gen_1", protocol: "kie/jobs", model: "m", credentialId };
    const job = { ...where, input: {}, callback: null };

    expect(await provider.submit(job, silent)).toMatchObject({
      outcome: "refused",
      failure: { code: failure },
    });
  });
});
