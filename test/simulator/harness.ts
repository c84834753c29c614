import { createFakeClock } from "../support/fake-clock.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { CLOUDFLARE_ACCOUNT } from "../../src/simulator/options.ts";
import { DOCUMENTED_CREATE_LIMIT, createSimulator } from "../../src/simulator/simulator.ts";
import type { SimulatedTask, Simulator, SimulatorOptions } from "../../src/simulator/simulator.ts";

export const ORIGIN = "http://provider.test";
export const CALLBACK_URL = "http://localhost:8787/callback";

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** A simulator on a fake clock, and the calls a client would make. */
export interface Provider {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  /** The callbacks as the receiver got them. */
  readonly delivered: { readonly headers: Headers; readonly body: unknown }[];
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
  readonly create: (body: unknown) => Promise<Answered>;
  /** Creates a task from a prompt and answers how the simulator shows it. */
  readonly task: (prompt: string, rest?: object) => Promise<SimulatedTask>;
  readonly record: (taskId: string) => Promise<Answered>;
  readonly result: (task: SimulatedTask) => Promise<Response>;
}

const CREATE = "/api/v1/flux/kontext/generate";
const HEADERS = { Authorization: "Bearer key-1", "User-Agent": "test" };

export function startProvider(overrides: Partial<SimulatorOptions> = {}): Provider {
  const clock = createFakeClock();
  const delivered: Provider["delivered"] = [];
  const simulator = createSimulator({
    origin: ORIGIN,
    apiKeys: ["key-1", "key-2"],
    cloudflare: { ...CLOUDFLARE_ACCOUNT, token: "key-1" },
    webhookHmacKey: null,
    taskMs: 3000,
    createLimit: DOCUMENTED_CREATE_LIMIT,
    now: clock.now,
    schedule: clock.schedule,
    deliver: async (request) => {
      delivered.push({ headers: request.headers, body: await request.json() });
      return Response.json({ code: 200, msg: "success" });
    },
    ...overrides,
  });
  const call = (path: string, init: RequestInit = {}) =>
    simulator.fetch(new Request(`${ORIGIN}${path}`, { headers: HEADERS, ...init }));
  const create = async (body: unknown) =>
    read(await call(CREATE, { method: "POST", body: JSON.stringify(body) }));
  return {
    simulator,
    clock,
    delivered,
    call,
    create,
    async task(prompt, rest = {}) {
      await create({ prompt, ...rest });
      return last(simulator);
    },
    record: async (taskId) => read(await call(`/api/v1/flux/kontext/record-info?taskId=${taskId}`)),
    result: (task) => simulator.fetch(new Request(task.resultUrls[0] ?? "")),
  };
}

/** The latest task. */
export function last(simulator: Simulator): SimulatedTask {
  const task = simulator.tasks.at(-1);
  if (task === undefined) throw new Error("no task was made");
  return task;
}

async function read(response: Response): Promise<Answered> {
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}
