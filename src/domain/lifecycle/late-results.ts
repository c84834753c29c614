/** After the end of a generation: late results, and the outcome of canceled jobs. */
import { recordAndPublish } from "../generations/publish.ts";
import { startStoring, knownOperation, poll, linkedResult } from "./task-status.ts";
import * as schedule from "./schedule.ts";
import type { Deps } from "../deps.ts";
import type { TaskReport, Operation } from "../ports/provider.ts";
import { updateGeneration } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { removeCopies } from "./store-outputs.ts";

/** Failures of the result itself: another poll would show the same result. */
const isAboutTheResult = (code: string | null): boolean => (code ?? "").startsWith("result_");

/**
 * After a time-out the provider may still deliver a result that was paid for: polls, ever less often. A callback is a
 * reason to poll after any other failure too: the refusal may have been a mistake. A failed generation is due for no other
 * reason.
 */
export async function pollForLateResult(deps: Deps, row: GenerationRow): Promise<void> {
  const operation = isAboutTheResult(row.errorCode) ? null : await knownOperation(deps, row);
  if (operation === null) return void (await updateGeneration(deps, row, { dueAt: null }));
  const report = await poll(deps, row, operation);
  if (report.state === "succeeded" && report.urls.length > 0) {
    return void (await startStoring(deps, row, linkedResult(operation, report)));
  }
  await pollAgainLater(deps, row, operation, report);
}

/** A callback restarts the polls: something has happened, even if this poll does not show it. */
async function pollAgainLater(
  deps: Deps,
  row: GenerationRow,
  operation: Operation,
  report: TaskReport,
): Promise<void> {
  if (hasEnded(report)) return void (await updateGeneration(deps, row, { operation, dueAt: null }));
  const polls = row.callbackAt === null ? row.polls + 1 : 0;
  await updateGeneration(deps, row, { operation, polls, dueAt: schedule.latePollAt(polls, deps.now()) });
}

const hasEnded = (report: TaskReport): report is Extract<TaskReport, { state: "succeeded" | "failed" }> =>
  report.state === "succeeded" || report.state === "failed";

/**
 * Cancel is final: copies under way are removed; a later outcome is recorded with its price and not stored. A copy that ends
 * after that removes itself.
 */
export async function reconcileCanceled(deps: Deps, row: GenerationRow): Promise<void> {
  if (row.submittedAt === null) return void (await updateGeneration(deps, row, { dueAt: null }));
  // Again after a callback: a copy may have ended since.
  const isClean = row.cleanedAt !== null && row.callbackAt === null;
  if (!isClean) await removeCopies(deps, row);
  const cleanedAt = isClean ? row.cleanedAt : deps.now();
  const operation = await knownOperation(deps, row);
  if (operation === null) return void (await updateGeneration(deps, row, { cleanedAt, dueAt: null }));
  const report = await poll(deps, row, operation);
  if (!hasEnded(report)) {
    const dueAt = schedule.latePollAt(row.polls, deps.now());
    return void (await updateGeneration(deps, row, { operation, cleanedAt, polls: row.polls + 1, dueAt }));
  }
  await recordAndPublish(deps, row, {
    type: "generation.news_after_cancel",
    detail: { state: report.state, credits: report.credits },
    changes: { operation, cleanedAt, polls: 0, creditsUsed: report.credits, dueAt: null },
  });
}
