/** One status read of a job, and the start of storing when the job has succeeded. */
import { describeError } from "../../lib/log.ts";
import { HOUR } from "../../lib/time.ts";
import { publishGeneration } from "../generations/publish.ts";
import type { Deps } from "../deps.ts";
import type { TaskReport, Operation } from "../ports/provider.ts";
import { operationsFromCallbacks } from "../generations/callbacks.ts";
import { outputStatements } from "../generations/outputs.ts";
import type { ResultSource } from "../generations/outputs.ts";
import { transition } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";

/** How long copies are retried after transient failures. Result links live 14 days, or 24 h by one page of KIE. */
const STORE_FOR = 24 * HOUR;

/** The operation of a row: its own, or the newest that a callback named; null while none is known. */
export const knownOperation = async (deps: Deps, row: GenerationRow): Promise<Operation | null> =>
  row.operation ?? (await operationsFromCallbacks(deps, row))[0] ?? null;

/** Polls a job once, with the credential that made it. Never throws: the deadline bounds a job that cannot be read. */
export async function poll(deps: Deps, row: GenerationRow, operation: Operation): Promise<TaskReport> {
  const { protocol, credentialId } = row;
  const log = deps.log.with({ ...operation, artworkId: row.artworkId, generationId: row.id });
  const report = await deps.providers
    .poll({ protocol, operation, credentialId }, log)
    .catch((error: unknown): TaskReport => {
      log.error("poll.failed", describeError(error));
      return { state: "unseen", reason: "the read failed" };
    });
  if (report.state === "running" && report.unknownWord !== null) {
    log.warn("provider.unknown_state", { word: report.unknownWord });
  }
  return report;
}

/** A result that is known and not stored yet. */
interface KnownResult {
  readonly operation: Operation | null;
  readonly sources: readonly ResultSource[];
  readonly credits: number | null;
}

/** The result of a job whose provider reports links. */
export const linkedResult = (
  operation: Operation,
  { urls, credits }: Extract<TaskReport, { state: "succeeded" }>,
): KnownResult => ({ operation, sources: urls.map((url) => ({ kind: "link", url })), credits });

/** Enters `storing`, with a row for each result, of which there is at least one. False when another run was faster. */
export async function startStoring(
  deps: Deps,
  row: GenerationRow,
  { operation, sources, credits }: KnownResult,
): Promise<boolean> {
  const storing = await transition(deps, row, "storing", {
    changes: {
      operation,
      errorCode: null,
      errorMessage: null,
      completedAt: null,
      creditsUsed: credits,
      storeUntil: deps.now() + STORE_FOR,
      dueAt: deps.now(),
    },
    detail: { outputs: sources.length, late: row.status === "failed" },
    also: (won) => outputStatements(deps, row, sources, won),
  });
  if (storing === null) return false;
  await publishGeneration(deps, storing);
  return true;
}
