/**
 * Results that come with the answer to the create call. There is no task to poll, so the bytes go into the bucket first,
 * under their fixed key: from then on the object proves that they came.
 */
import { recordAndPublish } from "../generations/publish.ts";
import { failure } from "../failure.ts";
import type { Failure } from "../failure.ts";
import { startStoring } from "./task-status.ts";
import { RETRY_DELAYS } from "./retry.ts";
import type { CopyResult } from "../ports/media-store.ts";
import type { Deps } from "../deps.ts";
import { findGeneration } from "../generations/queries.ts";
import type { GenerationRow } from "../rows.ts";
import { objectKey, removeCopies } from "./store-outputs.ts";

const ONLY = { position: 0 };
const delivery = { operation: null, sources: [{ kind: "inline" }], credits: null } as const;

const notKept: Failure = {
  code: "result_lost",
  message: "The result came, and the storage did not take it. It may have been billed.",
};

/** Stores the bytes of a result and starts `storing`. Returns the failure, or null. */
export async function storeInlineResult(
  deps: Deps,
  intent: GenerationRow,
  bytes: Uint8Array<ArrayBuffer> | null,
): Promise<Failure | null> {
  if (bytes === null) return failure("no_result");
  const kept = await storeWithRetry(deps, intent, bytes);
  // Only the answer may have been lost: then the object is there.
  if (kept.ok || (kept.problem === "transient" && (await isThere(deps, intent)))) {
    if (!(await startStoring(deps, intent, delivery))) await storeLateInlineResult(deps, intent);
    return null;
  }
  if (kept.problem === "transient") return notKept;
  const { code, message } = failure("result_unusable");
  return { code, message: `${message} ${kept.reason}.` };
}

/** A result that is not stored is lost, so a transient failure is retried until another run may take the row for abandoned. */
async function storeWithRetry(
  deps: Deps,
  intent: GenerationRow,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<CopyResult> {
  let result = await put(deps, intent, bytes);
  for (const pause of RETRY_DELAYS) {
    const isOver = deps.now() + pause >= (intent.dueAt ?? 0);
    if (result.ok || result.problem !== "transient" || isOver) return result;
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    await deps.pause(pause);
    // oxlint-disable-next-line no-await-in-loop
    result = await put(deps, intent, bytes);
  }
  return result;
}

const isThere = async (deps: Deps, row: GenerationRow): Promise<boolean> =>
  (await deps.mediaStore.find(objectKey(row, ONLY))) !== null;

async function put(deps: Deps, row: GenerationRow, bytes: Uint8Array<ArrayBuffer>): Promise<CopyResult> {
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id });
  const result = await deps.mediaStore.store(bytes, objectKey(row, ONLY), row.kind, log);
  const outcome = result.ok
    ? { key: result.file.key, bytes: result.file.bytes }
    : { problem: result.problem, reason: result.reason };
  log.info("inline_result", outcome);
  return result;
}

/** Goes on with the stored object of a row whose answer was lost. Returns whether there is one. */
export async function resumeInlineResult(deps: Deps, row: GenerationRow): Promise<boolean> {
  if (!(await isThere(deps, row))) return false;
  await startStoring(deps, row, delivery);
  return true;
}

/** The row has moved on during the call. The result was paid for and is stored, unless the generation was canceled. */
async function storeLateInlineResult(deps: Deps, intent: GenerationRow): Promise<void> {
  const row = await findGeneration(deps, intent.id);
  if (row?.status === "failed") return void (await startStoring(deps, row, delivery));
  if (row !== null && row.status !== "canceled") return;
  await removeCopies(deps, intent);
  if (row === null) return;
  await recordAndPublish(deps, row, {
    type: "generation.news_after_cancel",
    detail: { state: "succeeded", credits: null },
    changes: { dueAt: row.dueAt },
  });
}
