import { failure } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { publishGeneration } from "../generations/publish.ts";
import { updateGeneration } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import * as schedule from "./schedule.ts";
import { startStoring, knownOperation, poll, linkedResult } from "./task-status.ts";
import { fail } from "./fail.ts";

export async function observe(deps: Deps, row: GenerationRow): Promise<void> {
  const operation = await knownOperation(deps, row);
  if (operation === null) return await fail(deps, row, failure("outcome_unknown"));
  const report = await poll(deps, row, operation);
  if (report.state === "succeeded") {
    if (report.urls.length > 0) return void (await startStoring(deps, row, linkedResult(operation, report)));
    return await fail(deps, row, failure("no_result"), { creditsUsed: report.credits });
  }
  if (report.state === "failed") {
    return await fail(deps, row, report.failure, { creditsUsed: report.credits });
  }
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, failure("timed_out"));
  const isBusy = report.state === "busy";
  const nextPollAt = isBusy
    ? schedule.afterBusyPollAt(row, deps.now())
    : schedule.nextPollAt(row, deps.now());
  const kept = await updateGeneration(deps, row, {
    polls: isBusy ? row.polls : row.polls + 1,
    progress: report.state === "running" ? (report.progress ?? row.progress) : row.progress,
    dueAt: Math.min(nextPollAt, row.deadlineAt),
  });
  if (kept !== null && kept.version !== row.version) await publishGeneration(deps, kept);
}
