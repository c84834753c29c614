import { NO_ACCESS, answer, htmlPage } from "./answers.ts";
import type { Envelope } from "./answers.ts";
import type { Family } from "./families/family.ts";
import { scenarioAtTurn } from "./markers.ts";
import { MAINTENANCE, TOO_MANY } from "./refusals.ts";
import type { ScenarioName } from "./scenarios.ts";
import { progressAt } from "./progress.ts";
import type { Task } from "./task.ts";
import { accountOf, takeReadPlace } from "./world.ts";
import type { World } from "./world.ts";

/** Answers a status read. A task shows itself only to the account that made it. */
export function readStatus(world: World, family: Family, request: Request): Response {
  const key = accountOf(world, request);
  if (key === null) return answer(NO_ACCESS);
  const taskId = new URL(request.url).searchParams.get("taskId") ?? "";
  if (taskId === "") return answer({ code: 500, msg: "taskId is required" });
  const task = world.byId.get(taskId);
  if (task === undefined || task.key !== key || task.family !== family)
    return answer({ code: 404, msg: "The task does not exist." });
  task.readsOfStatus += 1;
  if (!takeReadPlace(world, task)) return answer(TOO_MANY);
  return hiccup(task) ?? show(world, task);
}

/** What a read is answered that goes wrong; null: a page of HTML. */
const HICCUPS: Partial<Record<ScenarioName, Envelope | null>> = {
  "status-401": NO_ACCESS,
  "status-429": TOO_MANY,
  "status-455": MAINTENANCE,
  "status-500": null,
  "record-null": { code: 422, msg: "recordInfo is null" },
};

/** Several happen one after the other, in the order the prompt asks for them. */
function hiccup({ scenario, readsOfStatus }: Task): Response | null {
  const asked = [...scenario.keys()].filter((name) => name in HICCUPS);
  const name = scenarioAtTurn(scenario, asked, readsOfStatus);
  if (name === null) return null;
  const envelope = HICCUPS[name] ?? null;
  return envelope === null
    ? htmlPage(500, "Internal Server Error")
    : answer(envelope, scenario.has("code-as-string"));
}

function show(world: World, task: Task): Response {
  if (task.linkRefused) {
    task.linkEdition += 1;
    task.linkRefused = false;
  }
  const progress = progressAt(task, world.options.now(), world.options.origin);
  const data = task.family.record(task, progress);
  return answer({ code: 200, msg: "success", data }, task.scenario.has("code-as-string"));
}
