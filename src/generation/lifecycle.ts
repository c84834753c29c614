/**
 * The life of a generation: submit, observe, store. Read this first.
 *
 * `advance` is level-triggered: it reads one row, does the one thing that is due, writes the row. Who calls it,
 * how often and in what order does not matter. One actor per artwork calls it, one step at a time; should two
 * ever overlap, each step begins or ends with a conditional write that only one of them wins.
 */
import { HOUR, MINUTE, SECOND } from "../lib/time.ts";
import { announce } from "./announce.ts";
import { failure, isKeyFailure, MAY_STILL_DELIVER, neverStarted } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { fallBack, fallbackFor } from "./fallback.ts";
import * as pace from "./pace.ts";
import type { Deps, SubmitOutcome, TaskReport } from "./ports.ts";
import { findGeneration, taskIdFromInbox } from "./queries.ts";
import { resolveInputs, waitForInputs } from "./resolve-inputs.ts";
import { giveBack, handBack, setKeyAside, takeSlot } from "./slots.ts";
import { isTerminal } from "./state.ts";
import { keep, move, note, outputStatements } from "./store.ts";
import type { Changes, GenerationRow } from "./store.ts";
import { storeOutputs } from "./storing.ts";

/**
 * Longer than the create call may take. A row still `submitting` after it was left by a crash:
 * whether the upstream took the job is unknown.
 */
const SUBMIT_LEASE = 2 * MINUTE;

/** How long copying is tried again after trouble that may pass. Upstream links live 14 days, or 24 h by one page. */
const STORE_FOR = 24 * HOUR;

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
      return await lookForLateResult(deps, row);
    case "canceled":
      return await noteNewsAfterCancel(deps, row);
    case "completed":
      await keep(deps, row, { dueAt: null });
  }
}

/**
 * Ends an attempt that has failed for certain: the next model takes over where there is one that may survive
 * the reason; else the generation has failed, for a reason that its owner understands.
 */
async function fail(deps: Deps, row: GenerationRow, reason: Failure, changes: Changes = {}): Promise<void> {
  const fallback = fallbackFor(deps, row, reason.code);
  if (fallback !== null) return await fallBack(deps, row, { fallback, reason, ...changes });
  const failed = await move(deps, row, "failed", {
    changes: {
      errorCode: reason.code,
      errorMessage: reason.message,
      completedAt: deps.now(),
      dueAt: pace.nextLateLook(row, reason.code, deps.now()),
      looks: 0,
      ...changes,
    },
    detail: { code: reason.code },
  });
  if (failed !== null) await announce(deps, failed);
}

async function submit(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, neverStarted(row));
  const resolved = await resolveInputs(deps, row);
  if (resolved.state === "unreachable") return await fail(deps, row, resolved.failure);
  if (resolved.state === "trouble") return await waitForInputs(deps, row);
  const slot = await takeSlot(deps, row);
  if (slot.state === "no_key") return await fail(deps, row, slot.failure);
  if (slot.state === "waiting") {
    const dueAt = Math.min(slot.askAgainAt, row.deadlineAt);
    return void (await keep(deps, row, { providerKey: slot.key, looks: 0, dueAt }));
  }
  // The intent is written before the paid call. From here until an answer is recorded nobody calls again:
  // if this process dies, the row is found `submitting` and its outcome counts as unknown.
  const intent = await move(deps, row, "submitting", {
    changes: { submittedAt: deps.now(), looks: 0, providerKey: slot.key, dueAt: deps.now() + SUBMIT_LEASE },
  });
  if (intent === null) return await giveBackUnused(deps, row, slot.key);
  await announce(deps, intent);
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id });
  const outcome = await deps.provider.submit(
    {
      generationId: row.id,
      protocol: row.protocol,
      model: row.model,
      input: resolved.input,
      callbackUrl: callbackUrl(row),
      providerKey: slot.key,
    },
    log,
  );
  await recordOutcome(deps, intent, outcome);
}

/** Somebody else moved the row first: another waking, which has the slot, or a cancel, which needs none. */
async function giveBackUnused(deps: Deps, row: GenerationRow, key: string): Promise<void> {
  const current = await findGeneration(deps, row.id);
  if (current === null || isTerminal(current.status)) await giveBack(deps, row, key);
}

function callbackUrl(row: GenerationRow): string | null {
  if (row.callbackOrigin === null) return null;
  const url = new URL(`${row.callbackOrigin}/api/kie/kie-callback`);
  url.searchParams.set("generation", row.id);
  url.searchParams.set("token", row.callbackToken);
  return url.href;
}

async function recordOutcome(deps: Deps, intent: GenerationRow, outcome: SubmitOutcome): Promise<void> {
  switch (outcome.outcome) {
    case "accepted":
      return await accept(deps, intent, { taskId: outcome.taskId, providerKey: outcome.providerKey });
    case "refused":
      return isKeyFailure(outcome.failure.code)
        ? await tryAnotherKey(deps, intent, outcome.failure)
        : await fail(deps, intent, outcome.failure);
    case "postponed":
      return await postpone(deps, intent, outcome);
    case "unknown":
      return await note(deps, intent, {
        type: "generation.outcome_unknown",
        detail: { reason: outcome.reason },
        changes: { providerKey: outcome.providerKey, dueAt: intent.deadlineAt },
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
  const postponed = await move(deps, intent, "queued", {
    changes: {
      submittedAt: null,
      postponements: intent.postponements + 1,
      dueAt: Math.min(pace.afterPostponement(intent, reason, deps.now()), intent.deadlineAt),
    },
    detail: { reason, code: why.code },
  });
  if (postponed === null || postponed.providerKey === null) return;
  await announce(deps, postponed);
  const giveUp = reason === "throttled" ? handBack : giveBack;
  await giveUp(deps, postponed, postponed.providerKey);
}

/** The upstream refused the key, so it made nothing: the next key's turn, if there is one. */
async function tryAnotherKey(deps: Deps, intent: GenerationRow, reason: Failure): Promise<void> {
  const key = intent.providerKey ?? "";
  if (!(await setKeyAside(deps, intent, { key, failure: reason }))) return await fail(deps, intent, reason);
  const queued = await move(deps, intent, "queued", {
    changes: { submittedAt: null, providerKey: null, dueAt: deps.now() },
    detail: { reason: "key_refused", code: reason.code },
  });
  if (queued !== null) await announce(deps, queued);
}

async function accept(
  deps: Deps,
  row: GenerationRow,
  task: { readonly taskId: string; readonly providerKey: string | null },
): Promise<void> {
  const processing = await move(deps, row, "processing", {
    changes: { ...task, looks: 0, dueAt: pace.firstLook(row, deps.now()) },
    detail: { taskId: task.taskId },
  });
  if (processing !== null) return await announce(deps, processing);
  await rememberTask(deps, row.id, task);
}

/** The row has moved on while the call was under way. The task exists and may be billed: its news must be found. */
async function rememberTask(
  deps: Deps,
  generationId: string,
  task: { readonly taskId: string; readonly providerKey: string | null },
): Promise<void> {
  const row = await findGeneration(deps, generationId);
  if (row === null || row.taskId !== null) return;
  const dueAt = row.status === "failed" ? pace.firstLook(row, deps.now()) : row.dueAt;
  await note(deps, row, {
    type: "generation.accepted_late",
    detail: { taskId: task.taskId, status: row.status },
    changes: { ...task, looks: 0, dueAt },
  });
}

/**
 * A row found `submitting` has no answer to its create call. It is never called again: a callback may still
 * tell the task id, until the deadline.
 */
async function resolveUnknown(deps: Deps, row: GenerationRow): Promise<void> {
  const taskId = await taskIdFromInbox(deps, row);
  if (taskId !== null) return await accept(deps, row, { taskId, providerKey: row.providerKey });
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, failure("outcome_unknown"));
  await note(deps, row, {
    type: "generation.outcome_unknown",
    detail: { reason: "no answer to the create call is on record" },
    changes: { dueAt: row.deadlineAt },
  });
}

/** One status read with our own key; null while no task id is known. */
async function look(deps: Deps, row: GenerationRow): Promise<TaskReport | null> {
  const taskId = row.taskId ?? (await taskIdFromInbox(deps, row));
  if (taskId === null) return null;
  const { protocol, providerKey } = row;
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id, taskId });
  const report = await deps.provider.look({ protocol, taskId, providerKey }, log);
  if (report.state === "running" && report.unknownWord !== null) {
    log.warn("upstream.unknown_state", { word: report.unknownWord });
  }
  return report;
}

async function observe(deps: Deps, row: GenerationRow): Promise<void> {
  const report = await look(deps, row);
  if (report?.state === "succeeded") return await beginStoring(deps, row, report);
  if (report?.state === "failed") {
    return await fail(deps, row, report.failure, { creditsUsed: report.credits });
  }
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, failure("timed_out"));
  const kept = await keep(deps, row, {
    looks: row.looks + 1,
    progress: report?.state === "running" ? (report.progress ?? row.progress) : row.progress,
    dueAt: Math.min(pace.nextLook(row, deps.now()), row.deadlineAt),
  });
  if (kept !== null && kept.version !== row.version) await announce(deps, kept);
}

async function beginStoring(
  deps: Deps,
  row: GenerationRow,
  report: Extract<TaskReport, { state: "succeeded" }>,
): Promise<void> {
  if (report.urls.length === 0) {
    if (row.status === "failed") return void (await keep(deps, row, { dueAt: null }));
    return await fail(deps, row, failure("no_result"), { creditsUsed: report.credits });
  }
  const storing = await move(deps, row, "storing", {
    changes: {
      taskId: row.taskId ?? (await taskIdFromInbox(deps, row)),
      errorCode: null,
      errorMessage: null,
      completedAt: null,
      creditsUsed: report.credits,
      storeUntil: deps.now() + STORE_FOR,
      dueAt: deps.now(),
    },
    detail: { outputs: report.urls.length, late: row.status === "failed" },
    also: (won) => outputStatements(deps, row, report.urls, won),
  });
  if (storing !== null) await announce(deps, storing);
}

/** After a time-out the upstream may still deliver, and what it delivers was paid for: look, ever less often. */
async function lookForLateResult(deps: Deps, row: GenerationRow): Promise<void> {
  const mayDeliver = MAY_STILL_DELIVER.includes(row.errorCode ?? "");
  const report = mayDeliver ? await look(deps, row) : null;
  if (report?.state === "succeeded") return await beginStoring(deps, row, report);
  const isOver = report === null || report.state === "failed";
  const looks = row.looks + 1;
  const dueAt = isOver ? null : pace.nextLateLook({ ...row, looks }, row.errorCode, deps.now());
  await keep(deps, row, { looks, dueAt });
}

/** Cancel is final: what comes after it is noted, with its price, and not stored. */
async function noteNewsAfterCancel(deps: Deps, row: GenerationRow): Promise<void> {
  const report = row.callbackAt === null ? null : await look(deps, row);
  if (report === null || report.state === "unseen" || report.state === "running") {
    await keep(deps, row, { dueAt: null });
    return;
  }
  await note(deps, row, {
    type: "generation.news_after_cancel",
    detail: { state: report.state, credits: report.credits },
    changes: { creditsUsed: report.credits, dueAt: null },
  });
}

/** How long a step of this file may keep its row: what the sweep has to wait before it calls a row forgotten. */
export const FORGOTTEN_AFTER = 30 * SECOND;
