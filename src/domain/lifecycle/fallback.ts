/**
 * The next model in line takes over, as a new attempt of the same generation. Only after an end that is certain:
 * never after an unknown outcome, which may still be paid for, and never after a refusal of the content itself.
 */
import type { EndedAttempt, Fallback } from "../../db/schema.ts";
import { findModel } from "../../models/find-model.ts";
import { isRetired } from "../../models/model.ts";
import { publishGeneration } from "../generations/publish.ts";
import { isCredentialFailure } from "../failure.ts";
import type { Failure, FailureCode } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { releaseSlot } from "../start-slots/take-slot.ts";
import { transition } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";

/** Failures that another model may survive: maintenance, a full queue, a model that is off or retired, an internal error. */
const SURVIVABLE: ReadonlySet<FailureCode> = new Set(["model_unavailable", "provider_error"]);

/** The fallbacks that are left, without those retired since they were asked for. */
function remainingFallbacks(deps: Deps, row: GenerationRow): readonly Fallback[] {
  return row.fallbacks.filter((fallback) => {
    const model = findModel(deps, fallback.model);
    return model === null || !isRetired(model, deps.now());
  });
}

/** The model that takes over after this failure, or null. A credential that fails does not concern another provider. */
export function fallbackFor(deps: Deps, row: GenerationRow, code: FailureCode): Fallback | null {
  if (deps.now() >= row.deadlineAt) return null;
  const left = remainingFallbacks(deps, row);
  if (SURVIVABLE.has(code)) return left[0] ?? null;
  if (!isCredentialFailure(code)) return null;
  const { of } = deps.providers;
  return left.find(({ protocol }) => of(protocol) !== of(row.protocol)) ?? null;
}

const ended = (row: GenerationRow, reason: Failure, now: number): EndedAttempt => ({
  number: row.attempt,
  model: row.model,
  operation: row.operation,
  code: reason.code,
  message: reason.message,
  creditsUsed: row.creditsUsed,
  submittedAt: row.submittedAt,
  endedAt: now,
});

/** Queues the next attempt. Its own callback token keeps callbacks of the attempt before it from affecting it. */
export async function fallBack(
  deps: Deps,
  row: GenerationRow,
  next: { readonly fallback: Fallback; readonly reason: Failure; readonly creditsUsed?: number | null },
): Promise<void> {
  const { fallback, reason, creditsUsed = row.creditsUsed } = next;
  const queued = await transition(deps, row, "queued", {
    changes: {
      model: fallback.model,
      protocol: fallback.protocol,
      input: fallback.input,
      creditsEstimated: fallback.credits,
      attempt: row.attempt + 1,
      attempts: [...row.attempts, ended({ ...row, creditsUsed }, reason, deps.now())],
      fallbacks: row.fallbacks.slice(row.fallbacks.indexOf(fallback) + 1),
      callbackToken: deps.newToken(),
      operation: null,
      credentialId: null,
      submittedAt: null,
      postponements: 0,
      polls: 0,
      inputTries: 0,
      outcomeNotedAt: null,
      progress: null,
      creditsUsed: null,
      dueAt: deps.now(),
    },
    detail: { attempt: row.attempt + 1, model: fallback.model, after: reason.code },
  });
  if (queued === null) return;
  if (row.credentialId !== null) await releaseSlot(deps, row, row.credentialId);
  await publishGeneration(deps, queued);
}
