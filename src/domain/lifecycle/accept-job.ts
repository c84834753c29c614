/** Records the job at the provider: from the answer to the create call, or from a callback where that answer was lost. */
import { publishGeneration, recordAndPublish } from "../generations/publish.ts";
import * as schedule from "./schedule.ts";
import { withRetry } from "./retry.ts";
import type { Deps } from "../deps.ts";
import type { Operation } from "../ports/provider.ts";
import { findGeneration } from "../generations/queries.ts";
import { inOrder } from "../generations/operations.ts";
import { transition } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";

interface AcceptedJob {
  readonly operation: Operation;
  /** The credential that made the job. */
  readonly credentialId: string | null;
}

/**
 * Records the operation, to be polled from `pollAt` on. An operation that is not recorded is lost, so these writes are retried
 * until another run may take the row for abandoned.
 */
export async function recordAccepted(
  deps: Deps,
  row: GenerationRow,
  task: AcceptedJob,
  pollAt: number,
): Promise<void> {
  const { id: generationId, artworkId } = row;
  const until = row.dueAt ?? row.deadlineAt;
  await withRetry(deps, { until, what: { ...task.operation, artworkId, generationId } }, async () => {
    const processing = await transition(deps, row, "processing", {
      changes: {
        ...task,
        operation: inOrder(task.operation),
        polls: 0,
        dueAt: Math.min(pollAt, row.deadlineAt),
      },
      detail: { ...task.operation },
    });
    return processing === null
      ? await recordLateJob(deps, generationId, task)
      : await publishGeneration(deps, processing);
  });
}

/** When the outcome of a late job is to be read. A canceled generation may have nothing else left to do. */
function dueAtOf(deps: Deps, row: GenerationRow): number | null {
  if (row.status === "failed") return schedule.firstPollAt(row, deps.now());
  return row.status === "canceled" ? (row.dueAt ?? deps.now()) : row.dueAt;
}

/** The row has moved on during the call. The job exists and may be billed, so its outcome must be found. */
async function recordLateJob(deps: Deps, generationId: string, task: AcceptedJob): Promise<void> {
  const row = await findGeneration(deps, generationId);
  if (row === null || row.operation !== null) return;
  const dueAt = dueAtOf(deps, row);
  await recordAndPublish(deps, row, {
    type: "generation.accepted_late",
    detail: { ...task.operation, status: row.status },
    // A canceled one is cleaned once more.
    changes: { ...task, operation: inOrder(task.operation), polls: 0, cleanedAt: null, dueAt },
  });
}
