/** Cloudflare's Workers AI for images: one call whose answer is the image. */
import * as z from "zod";
import { bearerKey, htmlPage } from "./answers.ts";
import type { Family } from "./families/family.ts";
import { Fault } from "./faults.ts";
import { drawResult } from "./links.ts";
import { createCounter, readScenario, scenarioAtTurn } from "./markers.ts";
import type { Scenario } from "./markers.ts";
import { CLOUDFLARE_ACCOUNT } from "./options.ts";
import { sha256Hex } from "./images/bytes.ts";
import type { ScenarioName } from "./scenarios.ts";
import type { Task } from "./task.ts";
import { addTask, countUp, takeCreatePlace } from "./world.ts";
import type { World } from "./world.ts";

export const CLOUDFLARE_PATHS = {
  models: "/client/v4/accounts/:account/ai/models/search",
  run: "/client/v4/accounts/:account/ai/run/:model{.+}",
} as const;

/** The documented limit of text-to-image. */
const RUN_LIMIT = { count: 720, windowMs: 60_000 } as const;
const MODEL = "@cf/black-forest-labs/flux-1-schnell";
const SIDE = 1024;

interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const NO_ACCESS: Refusal = { status: 401, code: 10000, message: "Authentication error" };
const TOO_MANY: Refusal = {
  status: 429,
  code: 971,
  message: "Please wait and consider throttling your request speed",
};
const NO_CAPACITY: Refusal = {
  status: 429,
  code: 3040,
  message: "AiError: Capacity temporarily exceeded, please try again.",
};

/** The prompt's scenarios that this provider has. Refused: nothing is made. */
const RUN_REFUSALS: Partial<Record<ScenarioName, Refusal>> = {
  "create-401": NO_ACCESS,
  "create-402": {
    status: 429,
    code: 3036,
    message:
      "AiError: You have used up your daily free allocation of 10,000 neurons. Please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.",
  },
  "create-404": { status: 404, code: 3042, message: "AiError: The model name is invalid" },
  "create-422": {
    status: 400,
    code: 5006,
    message: "AiError: Bad input: Error: Type mismatch of '/steps', 'string' not in 'integer'",
  },
  "create-429": TOO_MANY,
  "create-455": NO_CAPACITY,
  "create-550": NO_CAPACITY,
  "create-505": {
    status: 403,
    code: 5018,
    message: "AiError: The account is not allowed to access this model",
  },
  "fail-400": { status: 400, code: 3030, message: "AiError: Input prompt contains NSFW content" },
};

/** The schema as published. Another version of it has sizes, too. */
const Published = z.object({
  prompt: z.string().min(1).max(2_048),
  steps: z.number().int().min(1).max(8).default(4),
});
const side = z.number().int().min(256).max(2_048).default(SIDE);
const WithSizes = Published.extend({ width: side, height: side });

export function listModels(world: World, account: string, request: Request): Response {
  const refusal = doorkeeper(world, account, request);
  return refusal === null ? Response.json(envelope([{ name: MODEL }])) : refuse(refusal);
}

/** Draws an image and answers with it, or refuses, or draws it and fails to answer. */
export async function runModel(
  world: World,
  { account, model }: { account: string; model: string },
  request: Request,
): Promise<Response> {
  const call = countUp(world.counts, "create calls");
  const text = await request.text();
  const admission = doorkeeper(world, account, request) ?? admit(world, model, text);
  if ("status" in admission) {
    const { code, message: msg } = admission;
    const key = keyOf(world, request);
    world.refused.push({
      call,
      at: world.options.now(),
      family: "workers-ai",
      key,
      code,
      msg,
      body: JSON.parse(text),
    });
    return refuse(admission);
  }
  const task = makeTask(world, keyOf(world, request) ?? "", { ...admission, call });
  const bytes = (await drawResult(task, 0)) ?? new Uint8Array();
  task.sha256 = [await sha256Hex(bytes)];
  return await answerWith(world, task, bytes);
}

const envelope = (result: unknown) => ({ result, success: true, errors: [], messages: [] });

const refuse = ({ status, code, message }: Refusal): Response =>
  Response.json({ result: {}, success: false, errors: [{ code, message }], messages: [] }, { status });

const keyOf = (world: World, request: Request): string | null =>
  bearerKey(request, [(world.options.cloudflare ?? CLOUDFLARE_ACCOUNT).token]);

function doorkeeper(world: World, account: string, request: Request): Refusal | null {
  const key = keyOf(world, request);
  if (key === null) return NO_ACCESS;
  if (account === (world.options.cloudflare ?? CLOUDFLARE_ACCOUNT).accountId) return null;
  const { pathname } = new URL(request.url);
  const message = `Could not route to ${pathname}, perhaps your object identifier is invalid?`;
  return { status: 404, code: 7003, message };
}

interface Admitted {
  readonly body: Record<string, unknown>;
  readonly prompt: string;
  readonly width: number;
  readonly height: number;
  readonly scenario: Scenario;
}

function admit(world: World, model: string, text: string): Refusal | Admitted {
  if (model !== MODEL) return { status: 400, code: 5007, message: `AiError: No such model ${model} or task` };
  if (!takeCreatePlace(world, "workers-ai", RUN_LIMIT)) return TOO_MANY;
  const body = JSON.parse(text) as Record<string, unknown>;
  const asked = readScenario(typeof body["prompt"] === "string" ? body["prompt"] : "", MODEL);
  if (!asked.ok) return badInput(asked.message);
  const { scenario } = asked;
  const schema = scenario.has("size-taken") ? WithSizes : Published;
  const unknown = Object.keys(body).filter((name) => !(name in schema.shape));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'/${name}'`).join(", ");
    return badInput(`Additional or unevaluated properties ${names} at '/' not allowed`);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) return badInput(`Type mismatch of '/${parsed.error.issues[0]?.path.join("/")}'`);
  const names = [...scenario.keys()].filter((name) => name in RUN_REFUSALS);
  const turn = countUp(world.counts, createCounter(parsed.data.prompt, MODEL));
  const scripted = scenario.has("fail-400") ? "fail-400" : scenarioAtTurn(scenario, names, turn);
  const refusal = scripted === null ? undefined : RUN_REFUSALS[scripted];
  const size = { width: SIDE, height: SIDE, ...parsed.data };
  return refusal ?? { body, prompt: size.prompt, width: size.width, height: size.height, scenario };
}

const badInput = (problem: string): Refusal => ({
  status: 400,
  code: 5006,
  message: `AiError: Bad input: Error: ${problem}`,
});

/** What a task needs to be one; nobody reads it, and nobody is called. */
const WORKERS_AI: Family = {
  name: "workers-ai",
  createPath: CLOUDFLARE_PATHS.run,
  recordPath: "",
  read: () => ({ refusal: { code: 404, msg: "There is nothing to read." } }),
  created: () => null,
  record: () => null,
  callback: () => ({ code: 404, msg: "There is nobody to call." }),
};

function makeTask(
  world: World,
  key: string,
  { call, body, prompt, width, height, scenario }: Admitted & { readonly call: number },
): Task {
  const now = world.options.now();
  const task: Task = {
    id: crypto.randomUUID().replaceAll("-", ""),
    call,
    family: WORKERS_AI,
    key,
    body,
    order: {
      prompt,
      model: MODEL,
      callBackUrl: null,
      credits: 0,
      results: [{ format: "jpeg", width, height }],
    },
    scenario,
    createdAt: now,
    endsAt: now,
    edition: countUp(world.counts, `edition\n${MODEL}\n${prompt}`),
    callbacks: [],
    sha256: [],
    readsOfStatus: 0,
    fetches: new Map(),
    linkEdition: 1,
    linkRefused: false,
  };
  addTask(world, task);
  return task;
}

async function answerWith(world: World, task: Task, bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  const { scenario } = task;
  const slow = scenario.get("slow");
  if (slow !== undefined) {
    await new Promise<void>((resolve) => world.options.schedule(slow * 1_000, async () => resolve()));
  }
  if (scenario.has("create-hang")) throw new Fault({ kind: "hang" });
  if (scenario.has("create-drop")) throw new Fault({ kind: "drop" });
  if (scenario.has("create-html-502")) return htmlPage(502, "Bad Gateway");
  if (scenario.has("create-500-after-accept") || scenario.has("fail-500")) {
    return refuse({ status: 500, code: 3043, message: "AiError: Internal server error" });
  }
  if (scenario.has("create-no-task-id") || scenario.has("success-no-url")) return Response.json(envelope({}));
  return Response.json(envelope({ image: base64(spoiled(scenario) ?? bytes) }));
}

/** Bytes that are no image, where the prompt asks for them. */
function spoiled(scenario: Scenario): Uint8Array | null {
  if (scenario.has("link-empty")) return new Uint8Array();
  const isText = scenario.has("link-html") || scenario.has("link-text-as-png");
  return isText ? new TextEncoder().encode("<html><title>Just a moment...</title></html>") : null;
}

const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""));
