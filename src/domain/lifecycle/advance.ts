/**
 * The life of a generation: submit, observe, store. Read this first.
 *
 * `advance` is level-triggered: it reads one row, does the one thing that is due, writes the row. Who calls it,
 * how often and in what order does not matter. One actor per artwork calls it, one step at a time; should two
 * ever overlap, every write asks for the status that the step began with, so one of them wins and the other stops.
 */
import { MINUTE } from "../../lib/time.ts";
import { pollForLateResult, reconcileCanceled } from "./late-results.ts";
import { accept } from "./accept-task.ts";
import { publishGeneration, recordAndPublish } from "../generations/publish.ts";
import { answerLost, failure, isCredentialFailure, neverStarted } from "../failure.ts";
import type { Failure } from "../failure.ts";
import { fallBack, fallbackFor } from "./fallback.ts";
import { startStoring, knownTaskId, poll } from "./task-status.ts";
import * as pace from "./schedule.ts";
import type { Deps } from "../deps.ts";
import type { SubmitOutcome } from "../ports/provider.ts";
import { taskIdsFromInbox } from "../generations/callbacks.ts";
import { findGeneration } from "../artworks/queries.ts";
import { expireResults } from "./expire.ts";
import { resolveInputs, waitForInputs } from "./inputs.ts";
import { releaseSlot, requeueFirst, disableCredential, takeSlot } from "../start-slots/take-slot.ts";
import { isTerminal } from "../status.ts";
import { updateGeneration, transition } from "../generations/transitions.ts";
import type { Changes, GenerationRow } from "../generations/transitions.ts";
import { storeOutputs } from "./store-outputs.ts";

/**
 * Longer than the create call may take. A row still `submitting` after it was left by a crash:
 * whether the upstream took the job is unknown.
 */
const SUBMIT_LEASE = 2 * MINUTE;

/** Takes the step that is due and records it. Throws only what is a bug or an outage of our own storage. */
export async function advance(deps: Deps, row: GenerationRow): Promise<void> {
  switch (row.status) {
    case "queued":
      return await submit(deps, row);
    case "submitting":
      return await resolveUnknown(deps, row);
    case "processing":
      return await observe(deps, row);
    case "storing":
      return await storeOutputs(deps, row);
    case "failed":
      return await pollForLateResult(deps, row);
    case "canceled":
      return await reconcileCanceled(deps, row);
    case "completed":
      return await expireResults(deps, row);
  }
}

/**
 * Ends an attempt that has failed for certain: the next model takes over where there is one that may survive
 * the reason; else the generation has failed, for a reason that its owner understands.
 */
async function fail(deps: Deps, row: GenerationRow, reason: Failure, changes: Changes = {}): Promise<void> {
  const fallback = fallbackFor(deps, row, reason.code);
  if (fallback !== null) return await fallBack(deps, row, { fallback, reason, ...changes });
  const failed = await transition(deps, row, "failed", {
    changes: {
      errorCode: reason.code,
      errorMessage: reason.message,
      completedAt: deps.now(),
      dueAt: pace.afterFailure(row, reason.code, deps.now()),
      polls: 0,
      ...changes,
    },
    detail: { code: reason.code },
  });
  if (failed !== null) await publishGeneration(deps, failed);
}

async function submit(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, neverStarted(row));
  if (row.optimization?.status === "pending") {
    // Before the first start is asked for, and never again for this generation.
    const { optimizePrompt } = await import("./optimize-prompt.ts");
    return await optimizePrompt(deps, row, row.optimization.original);
  }
  const resolved = await resolveInputs(deps, row);
  if (resolved.state === "unreachable") return await fail(deps, row, resolved.failure);
  if (resolved.state === "trouble") return await waitForInputs(deps, row);
  const slot = await takeSlot(deps, row);
  if (slot.state === "no_key") return await fail(deps, row, slot.failure);
  if (slot.state === "granted" && deps.now() >= row.deadlineAt) {
    await releaseSlot(deps, row, slot.key);
    return await fail(deps, row, neverStarted(row));
  }
  if (slot.state === "waiting") {
    const dueAt = Math.min(slot.nextRequestAt, row.deadlineAt);
    return void (await updateGeneration(deps, row, { credentialId: slot.key, polls: 0, dueAt }));
  }
  // The intent is written before the paid call. From here until an answer is recorded nobody calls again:
  // if this process dies, the row is found `submitting` and its outcome counts as unknown.
  const intent = await transition(deps, row, "submitting", {
    changes: {
      submittedAt: deps.now(),
      polls: 0,
      credentialId: slot.key,
      dueAt: deps.now() + SUBMIT_LEASE,
      // What is sent is on record, also where two wakings have had the prompt rewritten at once.
      ...(row.optimization === null ? {} : { input: row.input, optimization: row.optimization }),
    },
  });
  if (intent === null) return await releaseUnused(deps, row, slot.key);
  await publishGeneration(deps, intent);
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id });
  const outcome = await deps.provider.submit(
    {
      generationId: row.id,
      protocol: row.protocol,
      model: row.model,
      input: resolved.input,
      callbackUrl: callbackUrl(row),
      credentialId: slot.key,
    },
    log,
  );
  await recordOutcome(deps, intent, outcome, slot.pollDelay);
}

/** Somebody else moved the row first: another waking, which has the slot, or a cancel, which needs none. */
async function releaseUnused(deps: Deps, row: GenerationRow, key: string): Promise<void> {
  const current = await findGeneration(deps, row.id);
  if (current === null || isTerminal(current.status)) await releaseSlot(deps, row, key);
}

function callbackUrl(row: GenerationRow): string | null {
  if (row.callbackOrigin === null) return null;
  const url = new URL(`${row.callbackOrigin}/api/kie/kie-callback`);
  url.searchParams.set("generation", row.id);
  url.searchParams.set("token", row.callbackToken);
  return url.href;
}

async function recordOutcome(
  deps: Deps,
  intent: GenerationRow,
  outcome: SubmitOutcome,
  pollDelay: number,
): Promise<void> {
  switch (outcome.outcome) {
    case "accepted": {
      const { taskId, credentialId } = outcome;
      const pollAt = pace.firstPollAt(intent, deps.now()) + pollDelay;
      return await accept(deps, intent, { taskId, credentialId }, pollAt);
    }
    case "refused":
      return await refuse(deps, intent, outcome.failure);
    case "postponed":
      return await postpone(deps, intent, outcome);
    case "delivered":
      return await deliver(deps, intent, outcome.bytes);
    case "unknown":
      if (deps.provider.upstream(intent.protocol).isSynchronous) return await fail(deps, intent, answerLost);
      return await recordAndPublish(deps, intent, {
        type: "generation.outcome_unknown",
        detail: { reason: outcome.reason },
        changes: { credentialId: outcome.credentialId, polls: 1, dueAt: intent.deadlineAt },
      });
  }
}

/** "Not now": back to queued. A start that came too soon stays first in its line, any other is given back. */
async function postpone(
  deps: Deps,
  intent: GenerationRow,
  { reason, failure: why }: Extract<SubmitOutcome, { outcome: "postponed" }>,
): Promise<void> {
  const fallback = reason === "not_now" ? fallbackFor(deps, intent, why.code) : null;
  if (fallback !== null) return await fallBack(deps, intent, { fallback, reason: why });
  const postponed = await transition(deps, intent, "queued", {
    changes: {
      submittedAt: null,
      postponements: intent.postponements + 1,
      dueAt: Math.min(pace.afterPostponement(intent, reason, deps.now()), intent.deadlineAt),
    },
    detail: reason === "throttled" ? { reason } : { reason, code: why.code },
  });
  if (postponed === null || postponed.credentialId === null) return;
  await publishGeneration(deps, postponed);
  const giveUp = reason === "throttled" ? requeueFirst : releaseSlot;
  await giveUp(deps, postponed, postponed.credentialId);
}

/** Refused: nothing was made. When it was the key that was refused, the job is the next key's, if there is one. */
async function refuse(deps: Deps, intent: GenerationRow, reason: Failure): Promise<void> {
  const { code } = reason;
  const key = intent.credentialId;
  if (key === null || !isCredentialFailure(code)) return await fail(deps, intent, reason);
  if (!(await disableCredential(deps, intent, { key, code }))) return await fail(deps, intent, reason);
  const queued = await transition(deps, intent, "queued", {
    changes: { submittedAt: null, credentialId: null, dueAt: deps.now() },
    detail: { reason: "key_refused", code },
  });
  if (queued !== null) await publishGeneration(deps, queued);
}

/** The answer was the result. */
async function deliver(
  deps: Deps,
  intent: GenerationRow,
  bytes: Uint8Array<ArrayBuffer> | null,
): Promise<void> {
  const { storeInlineResult } = await import("./deliver.ts");
  const reason = await storeInlineResult(deps, intent, bytes);
  if (reason !== null) await fail(deps, intent, reason);
}

/**
 * A row found `submitting` has no answer to its create call. It is never called again: a callback may still
 * tell the task id, until the deadline. Where the answer itself brings the result, it is in the bucket, or lost.
 */
async function resolveUnknown(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.provider.upstream(row.protocol).isSynchronous) {
    const { resumeInlineResult } = await import("./deliver.ts");
    return (await resumeInlineResult(deps, row)) ? undefined : await fail(deps, row, answerLost);
  }
  const told = await taskIdsFromInbox(deps, row);
  const taskId = await firstSeen(deps, row, told);
  if (taskId !== null) return await accept(deps, row, { taskId, credentialId: row.credentialId }, deps.now());
  if (deps.now() >= row.deadlineAt) return await giveUpUnknown(deps, row, told[0] ?? null);
  const pollAt = told.length === 0 ? row.deadlineAt : pace.nextPollAt(row, deps.now());
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

async function observe(deps: Deps, row: GenerationRow): Promise<void> {
  const taskId = await knownTaskId(deps, row);
  if (taskId === null) return await fail(deps, row, failure("outcome_unknown"));
  const report = await poll(deps, row, taskId);
  if (report.state === "succeeded") {
    if (report.urls.length > 0) return void (await startStoring(deps, row, { taskId, report }));
    return await fail(deps, row, failure("no_result"), { creditsUsed: report.credits });
  }
  if (report.state === "failed") {
    return await fail(deps, row, report.failure, { creditsUsed: report.credits });
  }
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, failure("timed_out"));
  const isBusy = report.state === "busy";
  const nextPollAt = isBusy ? pace.afterBusyPollAt(row, deps.now()) : pace.nextPollAt(row, deps.now());
  const kept = await updateGeneration(deps, row, {
    polls: isBusy ? row.polls : row.polls + 1,
    progress: report.state === "running" ? (report.progress ?? row.progress) : row.progress,
    dueAt: Math.min(nextPollAt, row.deadlineAt),
  });
  if (kept !== null && kept.version !== row.version) await publishGeneration(deps, kept);
}
