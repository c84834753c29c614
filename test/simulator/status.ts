import { NO_ACCESS, answer, htmlPage } from "./answers.ts";
import type { Family } from "./families/family.ts";
import { scenarioAtTurn } from "./markers.ts";
import { TOO_MANY } from "./refusals.ts";
import { progressAt } from "./task.ts";
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

function hiccup(task: Task): Response | null {
  const codeAsString = task.scenario.has("code-as-string");
  const name = scenarioAtTurn(task.scenario, ["status-500", "status-429", "record-null"], task.readsOfStatus);
  switch (name) {
    case null:
      return null;
    case "status-500":
      return htmlPage(500, "Internal Server Error");
    case "status-429":
      return answer(TOO_MANY, codeAsString);
    case "record-null":
      return answer({ code: 422, msg: "recordInfo is null" }, codeAsString);
  }
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
