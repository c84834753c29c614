/** Which ends are allowed for a generation, derived from the provider's own record of it. */
import { isCredentialFailure } from "../../src/domain/failure.ts";
import type { FailureCode } from "../../src/domain/failure.ts";
import type { GenerationRow } from "../../src/domain/rows.ts";
import type { ScenarioName } from "../../src/simulator/scenarios.ts";
import type { RefusedCreate, SimulatedTask } from "../../src/simulator/simulator.ts";
import { lastAttemptOf, scenarioOf } from "./attempts.ts";
import type { Attempt } from "./attempts.ts";
import type { Played } from "./play-record.ts";

type End = FailureCode | "completed" | "canceled";

interface Causes {
  readonly allowed: readonly End[];
  /** For the reader of a failure. */
  readonly explanation: string;
}

/** A refused key is checked once a minute; a crash of the checking process adds one minute. */
const DISABLED_MS = 130_000;

const REFUSALS: Readonly<Record<number, FailureCode>> = {
  401: "provider_key_invalid",
  402: "provider_credits_exhausted",
  404: "model_unavailable",
  422: "invalid_input_upstream",
  433: "provider_credits_exhausted",
  451: "input_unreachable",
  505: "model_unavailable",
};
const REFUSING_TEXTS: Readonly<Record<string, FailureCode>> = {
  "Credits insufficient": "provider_credits_exhausted",
  "This field is required": "invalid_input_upstream",
  "This interface is temporarily paused.": "model_unavailable",
};
/** Answers after which the next model takes over; without a next model the generation waits. */
const NOT_NOW: ReadonlySet<number> = new Set([455, 550]);
const FAILED_TASKS: Partial<Record<ScenarioName, FailureCode>> = {
  "fail-400": "content_policy",
  "fail-402": "provider_credits_exhausted",
  "fail-422-media": "input_unreachable",
  "fail-451": "input_unreachable",
  "fail-500": "provider_error",
  "fail-501": "provider_error",
  "fail-550": "model_unavailable",
};
const BAD_LINKS: Partial<Record<ScenarioName, FailureCode>> = {
  "link-gone": "result_lost",
  "link-html": "result_unusable",
  "link-empty": "result_unusable",
  "link-text-as-png": "result_unusable",
  "link-lying-length": "result_unusable",
  "link-redirect-private": "result_unusable",
  "link-redirect-loop": "result_unusable",
};

const named = (codes: Partial<Record<ScenarioName, FailureCode>>, task: SimulatedTask): FailureCode[] =>
  [...scenarioOf(task).keys()].flatMap((name) => codes[name] ?? []);

const refusalOf = ({ code, msg }: RefusedCreate): FailureCode | undefined =>
  REFUSALS[code] ?? REFUSING_TEXTS[msg];

/** The certain failures of an attempt after which a fallback model may take over. */
export function fallbackReasonsOf({ tasks, refused }: Attempt): readonly FailureCode[] {
  const [task] = tasks;
  const last = refused.at(-1);
  const own = task === undefined ? [] : task.state === "failed" ? named(FAILED_TASKS, task) : [];
  const refusal = last === undefined || task !== undefined ? undefined : refusalOf(last);
  const waited = task === undefined && last !== undefined && NOT_NOW.has(last.code);
  return [
    ...own,
    ...(refusal === undefined ? [] : [refusal]),
    ...(waited ? (["model_unavailable"] as const) : []),
  ];
}

export function causesOf(played: Played, row: GenerationRow): Causes {
  const attempt = lastAttemptOf(played, row);
  const [task] = attempt.tasks;
  const ends = task === undefined ? endsWithoutTask(played, row, attempt) : endsOf(task, row);
  const canceled: readonly End[] = played.askedToEnd.has(row.artworkId) ? ["canceled"] : [];
  const summary =
    task === undefined
      ? "no task"
      : `task ${task.state}, ${isKnowable(task, row) ? "knowable" : "unknowable"}`;
  return {
    allowed: [...ends, ...canceled],
    explanation: `${String(row.request["prompt"])}; attempt ${row.attempt}, ${summary}`,
  };
}

function endsWithoutTask(played: Played, row: GenerationRow, { refused }: Attempt): End[] {
  const last = refused.at(-1);
  const refusal = last === undefined ? undefined : refusalOf(last);
  // Without a fault, only the provider's answer or a wait for a start slot ends a generation without a task.
  const disturbed: End[] =
    played.struck > 0 || played.world.idle() > 0 ? ["outcome_unknown", "timed_out"] : [];
  // "Not now" may last until the deadline. After a 429 the key pauses, and all queued generations wait.
  const isThrottled = played.world.simulator.refused.some(({ code }) => code === 429);
  const neverPlaced: End[] = row.postponements > 0 || isThrottled ? ["timed_out"] : [];
  const own: End[] = refusal === undefined || isCredentialFailure(refusal) ? neverPlaced : [refusal];
  const images = Array.isArray(row.request["images"]) ? (row.request["images"] as string[]) : [];
  const unreachable: End[] = images.some((id) => played.askedToRemove.has(id)) ? ["input_unreachable"] : [];
  return [...own, ...unreachable, ...reasonsWithoutKey(played, row.completedAt ?? 0), ...disturbed];
}

/** Why no key was usable at a time: the provider refused each one shortly before, or still does. */
function reasonsWithoutKey(played: Played, at: number): End[] {
  const { simulator, keys, idle } = played.world;
  const isNear = (time: number) => time <= at && time >= at - DISABLED_MS - idle();
  const reasons = keys.map((key) =>
    simulator.refused.flatMap((refused) => {
      const code = refusalOf(refused);
      if (refused.key !== key || code === undefined || !isCredentialFailure(code) || refused.at > at)
        return [];
      const lasted = played.accountProblems.some(
        ({ key: other, from, until }) => other === key && from <= at && (until >= at || isNear(until)),
      );
      return isNear(refused.at) || lasted ? [code] : [];
    }),
  );
  return reasons.every((codes) => codes.length > 0) ? reasons.flat() : [];
}

/** The task's id is on record, or a callback that names the task was accepted. */
function isKnowable(task: SimulatedTask, row: GenerationRow): boolean {
  const isTruthful = !scenarioOf(task).has("callback-wrong-task");
  return (
    row.operation?.["taskId"] === task.id ||
    (isTruthful && task.callbacks.some(({ status }) => status === 200))
  );
}

function endsOf(task: SimulatedTask, row: GenerationRow): End[] {
  const unseen: End[] = isKnowable(task, row) ? ["timed_out"] : ["timed_out", "outcome_unknown"];
  const wasUnknown: End[] = row.errorCode === "outcome_unknown" ? ["outcome_unknown"] : [];
  if (task.state === "failed") return [...named(FAILED_TASKS, task), ...unseen, ...wasUnknown];
  if (task.state !== "succeeded") return [...unseen, ...wasUnknown];
  if (task.resultUrls.length === 0) return ["no_result", ...unseen, ...wasUnknown];
  const bad = [
    ...named(BAD_LINKS, task),
    ...(missingOf(task).length === task.resultUrls.length ? ["result_lost" as const] : []),
  ];
  if (bad.length > 0) return [...bad, ...(isKnowable(task, row) ? [] : unseen)];
  return isKnowable(task, row) ? ["completed"] : ["completed", ...unseen];
}

/** Positions of the results whose files are never available. */
export function missingOf(task: SimulatedTask): number[] {
  const missing = scenarioOf(task).get("variant-missing");
  return missing === undefined || missing >= task.resultUrls.length ? [] : [missing];
}
