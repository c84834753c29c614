import { failure, answerLost } from "../failure.ts";
import type { Deps } from "../deps.ts";
import type { Operation } from "../ports/provider.ts";
import { operationsFromCallbacks } from "../generations/callbacks.ts";
import { recordAndPublish } from "../generations/publish.ts";
import { updateGeneration } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { recordAccepted } from "./accept-job.ts";
import * as schedule from "./schedule.ts";
import { poll } from "./task-status.ts";
import { fail } from "./fail.ts";

/**
 * A row found `submitting` has no answer to its create call. The call is never repeated: until the deadline a callback may
 * still name the job. An inline result is in the bucket, or lost.
 */
export async function resolveUnknown(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.providers.of(row.protocol).isSynchronous) {
    const { resumeInlineResult } = await import("./deliver.ts");
    return (await resumeInlineResult(deps, row)) ? undefined : await fail(deps, row, answerLost);
  }
  const operations = await operationsFromCallbacks(deps, row);
  const operation = await firstKnown(deps, row, operations);
  if (operation !== null)
    return await recordAccepted(deps, row, { operation, credentialId: row.credentialId }, deps.now());
  if (deps.now() >= row.deadlineAt) return await giveUpUnknown(deps, row, operations[0] ?? null);
  const pollAt = operations.length === 0 ? row.deadlineAt : schedule.nextPollAt(row, deps.now());
  const changes = { polls: row.polls + 1, dueAt: Math.min(pollAt, row.deadlineAt) };
  if (row.outcomeNotedAt !== null) return void (await updateGeneration(deps, row, changes));
  const detail = { reason: "no answer to the create call is on record" };
  await recordAndPublish(deps, row, {
    type: "generation.outcome_unknown",
    detail,
    changes: { ...changes, outcomeNotedAt: deps.now() },
  });
}

/** The first operation that the provider knows, or null: a callback can name the job of another account. */
async function firstKnown(
  deps: Deps,
  row: GenerationRow,
  operations: readonly Operation[],
): Promise<Operation | null> {
  for (const operation of operations) {
    // oxlint-disable-next-line no-await-in-loop -- nearly always there is one
    const { state } = await poll(deps, row, operation);
    if (state !== "unseen" && state !== "busy") return operation;
  }
  return null;
}

/** With an operation that a callback named, late results can still be polled. */
const giveUpUnknown = (deps: Deps, row: GenerationRow, operation: Operation | null): Promise<void> =>
  fail(deps, { ...row, operation }, failure("outcome_unknown"), { operation });
