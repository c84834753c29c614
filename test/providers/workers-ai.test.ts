import { describe, expect, it } from "vitest";
import type { FailureCode, RefusedCredential } from "../../src/domain/failure.ts";
import { createWorkersAi } from "../../src/providers/workers-ai/index.ts";
import { silent } from "../models/wire-call.ts";

const MODEL = "@cf/black-forest-labs/flux-1-schnell";
const RUN = `/client/v4/accounts/acct/ai/run/${MODEL}`;
const NO_SIZES =
  "AiError: Bad input: Error: Additional or unevaluated properties '/width', '/height' at '/' not allowed";

interface Call {
  readonly method: string | undefined;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: unknown;
}

type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string } | Error;

/** Workers AI that gives these answers, one after the other, and what it was asked. */
function providerOf(...replies: Reply[]) {
  let time = Date.parse("2026-11-24T12:00:00Z");
  const calls: Call[] = [];
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const body: unknown = init?.body == null ? null : await new Response(init.body).json();
    const authorization = new Headers(init?.headers).get("Authorization");
    calls.push({ method: init?.method, path: pathname + search, authorization, body });
    const reply = replies[calls.length - 1];
    if (reply === undefined || reply instanceof Error) throw reply ?? new Error("one call too many");
    const { status = 200, json, text = JSON.stringify(json) } = reply;
    return new Response(text, { status });
  };
  const account = {
    baseUrl: "https://cf.test/client/v4",
    accountId: "acct",
    token: "tok",
    fetch,
    now: () => time,
  };
  const member = createWorkersAi(account);
  const submit = async (input: Record<string, unknown>) => {
    const [credentialId = ""] = await member.credentialIds();
    const job = { generationId: "gen_1", protocol: "workers-ai/run", model: MODEL, input, callback: null };
    return await member.submit({ ...job, credentialId }, silent);
  };
  /** Asks at this time after a key that was refused. */
  const check = async (refused: RefusedCredential, at: string) => {
    time = Date.parse(at);
    return await member.checkCredential(refused, silent);
  };
  return { calls, member, submit, check };
}

const good = { json: { result: { image: btoa("bytes") }, success: true, errors: [], messages: [] } };
const bad = (status: number, code: number, message: string): Reply => ({
  status,
  json: { result: {}, success: false, errors: [{ code, message }], messages: [] },
});
const INPUT = { prompt: "a fox", steps: 4, size: "1024x1024" };
const post = (body: unknown): Call => ({ method: "POST", path: RUN, authorization: "Bearer tok", body });

describe("an image of Workers AI", () => {
  it("of 1024×1024 is asked for by what the published schema knows", async () => {
    const { calls, submit } = providerOf(good);

    const outcome = await submit(INPUT);

    expect(outcome).toStrictEqual({ outcome: "delivered", bytes: new TextEncoder().encode("bytes") });
    expect(calls).toStrictEqual([post({ prompt: "a fox", steps: 4 })]);
  });

  it.each([
    ["512x1024", 512, 1024],
    ["768x512", 768, 512],
    ["768x1024", 768, 1024],
    ["1024x576", 1024, 576],
    ["576x1024", 576, 1024],
  ])("of %s is asked for by width and height", async (size, width, height) => {
    const { calls, submit } = providerOf(good);

    await submit({ ...INPUT, size });

    expect(calls).toStrictEqual([post({ prompt: "a fox", steps: 4, width, height })]);
  });

  it("is asked for once more, without the size, when the schema refuses that", async () => {
    const { calls, submit } = providerOf(bad(400, 5006, NO_SIZES), good);

    const outcome = await submit({ ...INPUT, size: "768x512" });

    expect(outcome).toMatchObject({ outcome: "delivered" });
    expect(calls.map(({ body }) => body)).toStrictEqual([
      { prompt: "a fox", steps: 4, width: 768, height: 512 },
      { prompt: "a fox", steps: 4 },
    ]);
  });

  it.each<[string, Reply]>([
    [
      "another field was refused",
      bad(400, 5006, "Error: Additional or unevaluated properties '/steps' at '/' not allowed"),
    ],
    ["the prompt was refused", bad(400, 3030, "AiError: Input prompt contains NSFW content")],
    ["the answer was a 500 that speaks of it", bad(500, 5006, NO_SIZES)],
    ["nothing came", new TypeError("Network connection lost.")],
  ])("is not asked for again when %s", async (_why, reply) => {
    const { calls, submit } = providerOf(reply);

    await submit({ ...INPUT, size: "768x512" });

    expect(calls).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ["has no image", { json: { result: {}, success: true, errors: [], messages: [] } }],
    ["has an image that is no Base64", { json: { result: { image: "<html>" }, success: true } }],
  ])("has come to nothing when a success %s", async (_what, reply) => {
    expect(await providerOf(reply).submit(INPUT)).toStrictEqual({ outcome: "delivered", bytes: null });
  });
});

describe("a refusal of Workers AI", () => {
  it.each<[number, number, string, FailureCode]>([
    [401, 10000, "Authentication error", "provider_key_invalid"],
    [403, 10000, "Authentication error", "provider_key_invalid"],
    [
      404,
      7003,
      "Could not route to /accounts/x, perhaps your object identifier is invalid?",
      "provider_key_invalid",
    ],
    [403, 5018, "AiError: The account is not allowed to access this model", "model_unavailable"],
    [404, 3042, "AiError: The model name is invalid", "model_unavailable"],
    [400, 5007, "AiError: No such model", "model_unavailable"],
    [400, 3030, "AiError: Input prompt contains NSFW content", "content_policy"],
    [400, 8007, "AiError: Input prompt contains NSFW content", "content_policy"],
    [
      429,
      3036,
      "You have used up your daily free allocation of 10,000 neurons",
      "provider_credits_exhausted",
    ],
    [
      429,
      4006,
      "you have used up your daily free allocation of 10,000 neurons",
      "provider_credits_exhausted",
    ],
    [400, 5006, "AiError: Bad input: Error: Type mismatch of '/steps'", "invalid_input_upstream"],
    [413, 3006, "AiError: Request is too large", "invalid_input_upstream"],
  ])("with HTTP %i and code %i (%s) is %s", async (status, code, message, failure) => {
    const outcome = await providerOf(bad(status, code, message)).submit(INPUT);

    expect(outcome).toMatchObject({ outcome: "refused", failure: { code: failure } });
  });

  it("of the token says which permission it lacks, and of the account which variable is wrong", async () => {
    const token = await providerOf(bad(403, 10000, "Authentication error")).submit(INPUT);
    const account = await providerOf(bad(404, 7003, "Could not route")).submit(INPUT);

    expect(token).toMatchObject({ failure: { message: expect.stringContaining('permission "Workers AI"') } });
    expect(account).toMatchObject({ failure: { message: expect.stringContaining("CF_ACCOUNT_ID") } });
  });

  it.each([
    [429, 971, "Please wait", "throttled"],
    [429, 3040, "No more data centers to forward the request to", "not_now"],
  ])("with HTTP %i and code %i (%s) is put off as %s", async (status, code, message, reason) => {
    const outcome = await providerOf(bad(status, code, message)).submit(INPUT);

    expect(outcome).toMatchObject({ outcome: "postponed", reason });
  });

  it.each<[string, Reply]>([
    ["HTTP 408", bad(408, 3007, "AiError: Request timeout")],
    ["HTTP 500", bad(500, 3043, "AiError: Internal server error")],
    ["an HTML page", { status: 502, text: "<html>Bad Gateway</html>" }],
    ["a 200 that is no success", { json: { result: {}, success: false, errors: [] } }],
    ["a 200 that is no JSON", { text: "ok" }],
    ["a dropped connection", new TypeError("Network connection lost.")],
  ])("is none in %s: what became of the job is unknown", async (_what, reply) => {
    const { member, submit } = providerOf(reply);

    expect(await submit(INPUT)).toMatchObject({
      outcome: "unknown",
      credentialId: (await member.credentialIds())[0],
    });
  });
});

describe("the token of Workers AI", () => {
  it.each<[string, Reply, string]>([
    ["the list of models comes", { json: { result: [], success: true } }, "usable"],
    ["it is refused", bad(403, 10000, "Authentication error"), "unusable"],
    ["nothing comes", new TypeError("Network connection lost."), "unusable"],
  ])("when %s is %s", async (_when, reply, health) => {
    const { calls, member } = providerOf(reply);
    const [key = ""] = await member.credentialIds();

    const refused = { key, code: "provider_key_invalid", refusedAt: 0 } as const;
    expect([key, await member.checkCredential(refused, silent)]).toStrictEqual([
      expect.stringMatching(/^[0-9a-f]{12}$/),
      health,
    ]);
    expect(calls).toStrictEqual([
      {
        method: "GET",
        path: "/client/v4/accounts/acct/ai/models/search?per_page=1",
        authorization: "Bearer tok",
        body: null,
      },
    ]);
    expect(await member.checkCredential({ ...refused, key: "another" }, silent)).toBe("not_ours");
  });

  it.each([
    ["2026-11-24T12:00:00Z", "2026-11-24T23:59:59Z", "unusable"],
    ["2026-11-24T12:00:00Z", "2026-11-25T00:00:00Z", "usable"],
    ["2026-11-25T00:06:00Z", "2026-11-25T00:07:00Z", "unusable"],
    // Refused for the allocation of the day before, and received of after its end.
    ["2026-11-25T00:00:20Z", "2026-11-25T00:01:20Z", "usable"],
  ])("whose allocation was used up at %s is, at %s, %s, whatever may be listed", async (at, now, health) => {
    const { calls, member, check } = providerOf({ json: { result: [], success: true } });
    const [key = ""] = await member.credentialIds();

    const refused = { key, code: "provider_credits_exhausted", refusedAt: Date.parse(at) } as const;
    expect([await check(refused, now), calls.length]).toEqual([health, health === "usable" ? 1 : 0]);
  });

  it.each([
    [null, null, "CF_ACCOUNT_ID and CF_API_TOKEN"],
    ["acct", null, "CF_API_TOKEN"],
    [null, "tok", "CF_ACCOUNT_ID"],
  ])("and the account %s, %s leave it to be said what to set", async (accountId, token, names) => {
    const fetch = () => Promise.reject(new Error("no call"));
    const member = createWorkersAi({ baseUrl: "https://cf.test", accountId, token, fetch, now: Date.now });

    expect([member.problem, await member.credentialIds()]).toStrictEqual([
      `Workers AI is not set up: set ${names}.`,
      [],
    ]);
  });
});
