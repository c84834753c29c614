import { createLog } from "../../src/lib/log.ts";
import type { CommonRequest } from "../../src/models/common-fields.ts";
import type { Model, ModelDefaults, Prepared } from "../../src/models/model.ts";
import { createProviders } from "../../src/providers/registry.ts";
import { createKieProvider } from "../../src/providers/kie/index.ts";
import { createWorkersAi } from "../../src/providers/workers-ai/index.ts";

export const OPERATOR: ModelDefaults = {
  aspectRatio: "1:1",
  outputFormat: "jpeg",
  safetyTolerance: 2,
  fluxSteps: 4,
};

export const silent = createLog(() => undefined);

export const prepare = (model: Model, request: CommonRequest, operator: ModelDefaults = OPERATOR): Prepared =>
  model.prepare(request, operator, () => null);

export interface WireCall {
  readonly path: string;
  readonly body: unknown;
}

/** The path and the body of the create call for a request. Throws when the request is refused. */
export async function wireCallOf(
  model: Model,
  request: CommonRequest,
  operator: ModelDefaults = OPERATOR,
): Promise<WireCall> {
  const prepared = prepare(model, request, operator);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.issues));
  const calls: WireCall[] = [];
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    calls.push({ path: new URL(url).pathname, body: await new Response(init?.body ?? null).json() });
    return Response.json({ code: 200, msg: "success", data: { taskId: "task" }, success: true });
  };
  const baseUrl = "https://provider.test";
  const kie = createKieProvider({ baseUrl, fetch }, ["key"], { key: null, now: Date.now });
  const account = {
    baseUrl: `${baseUrl}/client/v4`,
    accountId: "sim-account",
    token: "sim-token",
    fetch,
    now: Date.now,
  };
  const provider = createProviders({ kie, "workers-ai": createWorkersAi(account) });
  const { id, protocol } = model;
  const { input } = prepared;
  const [credentialId = ""] = await provider.of(protocol).credentialIds();
  const job = { generationId: "gen_1", protocol, model: id, input, callback: null, credentialId };
  await provider.submit(job, silent);
  const [call] = calls;
  if (call === undefined || calls.length > 1) throw new Error(`${calls.length} create calls`);
  return call;
}
