import { NO_ACCESS, answer, bearerKey, htmlPage } from "./answers.ts";
import type { Envelope } from "./answers.ts";
import { callBack } from "./callbacks.ts";
import type { Family, Order } from "./families/family.ts";
import { Fault } from "./faults.ts";
import { refusalOfInputs } from "./inputs.ts";
import { drawResult } from "./links.ts";
import { readScenario } from "./markers.ts";
import type { Scenario } from "./markers.ts";
import { sha256Hex } from "./images/bytes.ts";
import { NO_CREDITS, TOO_MANY, TOO_MANY_RUNNING, scriptedRefusal } from "./refusals.ts";
import { durationOf, endOf } from "./progress.ts";
import type { Task } from "./task.ts";
import { accountOf, addTask, balanceOf, countUp, runningOf, takeCreatePlace } from "./world.ts";
import type { World } from "./world.ts";

type Body = Readonly<Record<string, unknown>>;

/** What is known of a call that will make a task. */
interface Admitted {
  readonly key: string;
  readonly body: Body;
  readonly order: Order;
  readonly scenario: Scenario;
}

/** Answers a create call: refuses it, or makes a task and sees to its callback. */
export async function create(world: World, family: Family, request: Request): Promise<Response> {
  const call = countUp(world.counts, "create calls");
  const key = accountOf(world, request);
  const body = parseJson(await request.text());
  const admission = await withInputs(world, admit(world, family, key, body));
  if ("refusal" in admission) {
    const { code, msg } = admission.refusal;
    const asked = {
      at: world.options.now(),
      call,
      family: family.name,
      key: bearerKey(request, world.options.apiKeys),
    };
    world.refused.push({ ...asked, code, msg, body });
    return answer(admission.refusal, admission.codeAsString);
  }
  const task = makeTask(world, family, { ...admission.admitted, call });
  task.sha256 = await digestsOf(task, world.options.origin);
  await arrangeCallback(world, task);
  return answerAccepted(task);
}

type Admission =
  | { readonly admitted: Admitted }
  | { readonly refusal: Envelope; readonly codeAsString: boolean };

/** The checks in KIE's order: key, rate, fields, balance. */
function admit(world: World, family: Family, key: string | null, body: unknown): Admission {
  if (key === null) return refuse(NO_ACCESS);
  if (!takeCreatePlace(world, key)) return refuse(TOO_MANY);
  if (runningOf(world, key) >= (world.options.runningLimit ?? Infinity)) return refuse(TOO_MANY_RUNNING);
  if (!isObject(body)) return refuse({ code: 400, msg: "The request body is not a JSON object." });
  const reading = family.read(body);
  if ("refusal" in reading) return refuse(reading.refusal);
  const { order } = reading;
  const asked = readScenario(order.prompt, order.model);
  if (!asked.ok) return refuse({ code: 422, msg: asked.message });
  const { scenario } = asked;
  const scripted = scriptedRefusal(world, scenario, order);
  if (scripted) return refuse(scripted, scenario.has("code-as-string"));
  if (balanceOf(world, key) < order.credits) return refuse(NO_CREDITS, scenario.has("code-as-string"));
  return { admitted: { key, body, order, scenario } };
}

/** An admitted task is refused after all when its images cannot be fetched. */
async function withInputs(world: World, admission: Admission): Promise<Admission> {
  if ("refusal" in admission) return admission;
  const refusal = await refusalOfInputs(world, { ...admission.admitted.body });
  return refusal === null ? admission : refuse(refusal, admission.admitted.scenario.has("code-as-string"));
}

function refuse(refusal: Envelope, codeAsString = false): Admission {
  return { refusal, codeAsString };
}

function makeTask(
  world: World,
  family: Family,
  { call, key, body, order, scenario }: Admitted & { readonly call: number },
): Task {
  const createdAt = world.options.now();
  const duration = durationOf(scenario, world.options.taskMs);
  const task: Task = {
    id: crypto.randomUUID().replaceAll("-", ""),
    call,
    family,
    key,
    body,
    order,
    scenario,
    createdAt,
    endsAt: duration === null ? null : createdAt + duration,
    edition: countUp(world.counts, `edition\n${order.model}\n${order.prompt}`),
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

async function digestsOf(task: Task, origin: string): Promise<readonly string[]> {
  if (endOf(task, origin).kind === "failed") return [];
  const results = await Promise.all(task.order.results.map((_, index) => drawResult(task, index)));
  return Promise.all(results.map((bytes) => sha256Hex(bytes ?? new Uint8Array())));
}

/** Callbacks come when the task ends, later, never, or (early) before this very call is answered. */
async function arrangeCallback(world: World, task: Task): Promise<void> {
  if (task.endsAt === null || task.scenario.has("no-callback")) return;
  const late = (task.scenario.get("callback-late") ?? 0) * 1000;
  if (task.scenario.has("callback-early")) await callBack(world, task);
  else world.options.schedule(task.endsAt - task.createdAt + late, () => callBack(world, task));
}

function answerAccepted(task: Task): Response {
  const { scenario, family } = task;
  const codeAsString = scenario.has("code-as-string");
  if (scenario.has("create-hang")) throw new Fault({ kind: "hang" });
  if (scenario.has("create-drop")) throw new Fault({ kind: "drop" });
  if (scenario.has("create-html-502")) return htmlPage(502, "Bad Gateway");
  if (scenario.has("create-500-after-accept"))
    return answer({ code: 500, msg: "Internal server error" }, codeAsString);
  const data = scenario.has("create-no-task-id") ? {} : family.created(task);
  return answer({ code: 200, msg: "success", data }, codeAsString);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(body: unknown): body is Body {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}
