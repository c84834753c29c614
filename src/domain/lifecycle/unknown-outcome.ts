import { failure, answerLost } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { taskIdsFromInbox } from "../generations/callbacks.ts";
import { recordAndPublish } from "../generations/publish.ts";
import { updateGeneration } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { accept } from "./accept-task.ts";
import * as schedule from "./schedule.ts";
import { poll } from "./task-status.ts";
import { fail } from "./fail.ts";

/**
 * A row found `submitting` has no answer to its create call. It is never called again: a callback may still
 * tell the task id, until the deadline. Where the answer itself brings the result, it is in the bucket, or lost.
 */
export async function resolveUnknown(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.provider.upstream(row.protocol).isSynchronous) {
    const { resumeInlineResult } = await import("./deliver.ts");
    return (await resumeInlineResult(deps, row)) ? undefined : await fail(deps, row, answerLost);
  }
  const told = await taskIdsFromInbox(deps, row);
  const taskId = await firstSeen(deps, row, told);
  if (taskId !== null) return await accept(deps, row, { taskId, credentialId: row.credentialId }, deps.now());
  if (deps.now() >= row.deadlineAt) return await giveUpUnknown(deps, row, told[0] ?? null);
  const pollAt = told.length === 0 ? row.deadlineAt : schedule.nextPollAt(row, deps.now());
  const changes = { polls: row.polls + 1, dueAt: Math.min(pollAt, row.deadlineAt) };
  if (row.polls > 0) return void (await updateGeneration(deps, row, changes));
  const detail = { reason: "no answer to the create call is on record" };
  await recordAndPublish(deps, row, { type: "generation.outcome_unknown", detail, changes });
}

/** A callback can name another's task. The id is taken that the upstream knows, or null where it knows none (yet). */
async function firstSeen(deps: Deps, row: GenerationRow, told: readonly string[]): Promise<string | null> {
  for (const taskId of told) {
    // oxlint-disable-next-line no-await-in-loop -- nearly always there is one
    const { state } = await poll(deps, row, taskId);
    if (state !== "unseen" && state !== "busy") return taskId;
  }
  return null;
}

/** With an id that a callback has told, there is something to look at still. */
const giveUpUnknown = (deps: Deps, row: GenerationRow, taskId: string | null): Promise<void> =>
  fail(deps, { ...row, taskId }, failure("outcome_unknown"), { taskId });
