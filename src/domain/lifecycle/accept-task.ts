/** A task id has come: with the answer to the create call, or by a callback where that answer was lost. */
import { publishGeneration, recordAndPublish } from "../generations/publish.ts";
import * as schedule from "./schedule.ts";
import { withRetry } from "./retry.ts";
import type { Deps } from "../deps.ts";
import { findGeneration } from "../generations/queries.ts";
import { transition } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";

interface AcceptedTask {
  readonly taskId: string;
  /** Fingerprint of the key that made the task. */
  readonly credentialId: string | null;
}

/**
 * Records the task, to be looked at from `lookAt` on. A task id that is not recorded is as good as lost, so these writes are
 * patient, as long as nobody else takes the row for abandoned.
 */
export async function accept(
  deps: Deps,
  row: GenerationRow,
  task: AcceptedTask,
  pollAt: number,
): Promise<void> {
  const { id: generationId, artworkId } = row;
  const until = row.dueAt ?? row.deadlineAt;
  await withRetry(deps, { until, what: { artworkId, generationId, taskId: task.taskId } }, async () => {
    const processing = await transition(deps, row, "processing", {
      changes: { ...task, polls: 0, dueAt: Math.min(pollAt, row.deadlineAt) },
      detail: { taskId: task.taskId },
    });
    return processing === null
      ? await recordLateTask(deps, generationId, task)
      : await publishGeneration(deps, processing);
  });
}

/** The row has moved on while the call was under way. The task exists and may be billed: its news must be found. */
async function recordLateTask(deps: Deps, generationId: string, task: AcceptedTask): Promise<void> {
  const row = await findGeneration(deps, generationId);
  if (row === null || row.taskId !== null) return;
  const dueAt = row.status === "failed" ? schedule.firstPollAt(row, deps.now()) : row.dueAt;
  await recordAndPublish(deps, row, {
    type: "generation.accepted_late",
    detail: { taskId: task.taskId, status: row.status },
    changes: { ...task, polls: 0, dueAt },
  });
}
