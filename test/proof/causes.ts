/** Which ends a generation's story allows, told from the upstream's own record of it. */
import { isKeyFailure } from "../../src/generation/failure.ts";
import type { FailureCode } from "../../src/generation/failure.ts";
import type { GenerationRow } from "../../src/generation/store.ts";
import type { RefusedCreate, SimulatedTask } from "../simulator/simulator.ts";
import type { Played } from "./player.ts";

type End = FailureCode | "completed" | "canceled";

interface Causes {
  readonly allowed: readonly End[];
  /** For the reader of a failure. */
  readonly story: string;
}

/** The generation that a create call's body names in its callback URL. */
export const generationOf = (body: unknown): string => {
  const url = URL.parse(String((body as { callBackUrl?: unknown } | null)?.callBackUrl));
  return url?.searchParams.get("generation") ?? "";
};

export const createsOf = ({ world }: Played, generationId: string): readonly SimulatedTask[] =>
  world.simulator.tasks.filter(({ body }) => generationOf(body) === generationId);

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
const FAILED_TASKS: Readonly<Record<string, FailureCode>> = {
  "fail-400": "content_policy",
  "fail-422-media": "input_unreachable",
  "fail-451": "input_unreachable",
  "fail-500": "provider_error",
  "fail-501": "provider_error",
};
const BAD_LINKS: Readonly<Record<string, FailureCode>> = {
  "link-gone": "result_lost",
  "link-html": "result_unusable",
  "link-empty": "result_unusable",
  "link-text-as-png": "result_unusable",
  "link-lying-length": "result_unusable",
  "link-redirect-private": "result_unusable",
  "link-redirect-loop": "result_unusable",
};

const named = (codes: Readonly<Record<string, FailureCode>>, prompt: string): FailureCode[] =>
  Object.entries(codes).flatMap(([name, code]) => (prompt.includes(`[sim:${name}]`) ? [code] : []));

export function causesOf(played: Played, row: GenerationRow): Causes {
  const [task] = createsOf(played, row.id);
  const refused = played.world.simulator.refused.filter(({ body }) => generationOf(body) === row.id);
  const ends = task === undefined ? endsWithoutTask(played, row, refused) : endsOf(task, row);
  const canceled: readonly End[] = played.askedToEnd.has(row.artworkId) ? ["canceled"] : [];
  const told =
    task === undefined
      ? "no task"
      : `task ${task.state}, ${isKnowable(task, row) ? "knowable" : "unknowable"}`;
  return { allowed: [...ends, ...canceled], story: `${String(row.request["prompt"])}; ${told}` };
}

function endsWithoutTask(played: Played, row: GenerationRow, refused: readonly RefusedCreate[]): End[] {
  const last = refused.at(-1);
  const refusal = last === undefined ? undefined : (REFUSALS[last.code] ?? REFUSING_TEXTS[last.msg]);
  // With nothing gone wrong, only an answer of the upstream or a wait for a place ends what was never made.
  const unlucky: End[] = played.struck > 0 || played.world.idle() > 0 ? ["outcome_unknown", "timed_out"] : [];
  // A key that was refused once is set aside for everybody.
  const refusedKeys = played.world.simulator.refused.flatMap(
    ({ code, msg }) => REFUSALS[code] ?? REFUSING_TEXTS[msg] ?? [],
  );
  const noKey: End[] = refusedKeys.filter((end) => isKeyFailure(end));
  // "Not now" may last until the deadline; after 429 the key rests, and who is behind waits too.
  const isThrottled = played.world.simulator.refused.some(({ code }) => code === 429);
  const neverPlaced: End[] = row.postponements > 0 || isThrottled ? ["timed_out"] : [];
  const own: End[] = refusal === undefined ? neverPlaced : [refusal];
  return [...own, ...noKey, ...unlucky];
}

/** Its id is on record, or a callback that names it has been taken. */
function isKnowable(task: SimulatedTask, row: GenerationRow): boolean {
  const isTruthful = !String(task.body["prompt"]).includes("[sim:callback-wrong-task]");
  return row.taskId === task.id || (isTruthful && task.callbacks.some(({ status }) => status === 200));
}

function endsOf(task: SimulatedTask, row: GenerationRow): End[] {
  const prompt = String(task.body["prompt"]);
  const unseen: End[] = isKnowable(task, row) ? ["timed_out"] : ["timed_out", "outcome_unknown"];
  const wasUnknown: End[] = row.errorCode === "outcome_unknown" ? ["outcome_unknown"] : [];
  if (task.state === "failed") return [...named(FAILED_TASKS, prompt), ...unseen, ...wasUnknown];
  if (task.state !== "succeeded") return [...unseen, ...wasUnknown];
  if (task.resultUrls.length === 0) return ["no_result", ...unseen, ...wasUnknown];
  const bad = named(BAD_LINKS, prompt);
  if (bad.length > 0) return [...bad, ...(isKnowable(task, row) ? [] : unseen)];
  return isKnowable(task, row) ? ["completed"] : ["completed", ...unseen];
}
