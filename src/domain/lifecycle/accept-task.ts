/** A task id has come: with the answer to the create call, or by a callback where that answer was lost. */
import { announce, announceNote } from "../generations/publish.ts";
import * as pace from "./schedule.ts";
import { patiently } from "./retry.ts";
import type { Deps } from "../deps.ts";
import { findGeneration } from "../artworks/queries.ts";
import { move } from "../generations/transitions.ts";
import type { GenerationRow } from "../generations/transitions.ts";

interface Told {
  readonly taskId: string;
  /** Fingerprint of the key that made the task. */
  readonly providerKey: string | null;
}

/**
 * Records the task, to be looked at from `lookAt` on. A task id that is not recorded is as good as lost, so these writes are
 * patient, as long as nobody else takes the row for abandoned.
 */
export async function accept(deps: Deps, row: GenerationRow, task: Told, lookAt: number): Promise<void> {
  const { id: generationId, artworkId } = row;
  const until = row.dueAt ?? row.deadlineAt;
  await patiently(deps, { until, what: { artworkId, generationId, taskId: task.taskId } }, async () => {
    const processing = await move(deps, row, "processing", {
      changes: { ...task, looks: 0, dueAt: Math.min(lookAt, row.deadlineAt) },
      detail: { taskId: task.taskId },
    });
    return processing === null
      ? await rememberTask(deps, generationId, task)
      : await announce(deps, processing);
  });
}

/** The row has moved on while the call was under way. The task exists and may be billed: its news must be found. */
async function rememberTask(deps: Deps, generationId: string, task: Told): Promise<void> {
  const row = await findGeneration(deps, generationId);
  if (row === null || row.taskId !== null) return;
  const dueAt = row.status === "failed" ? pace.firstLook(row, deps.now()) : row.dueAt;
  await announceNote(deps, row, {
    type: "generation.accepted_late",
    detail: { taskId: task.taskId, status: row.status },
    changes: { ...task, looks: 0, dueAt },
  });
}
