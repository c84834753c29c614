import { answerLost, isCredentialFailure } from "../failure.ts";
import type { Failure } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { publishGeneration, recordAndPublish } from "../generations/publish.ts";
import { transition } from "../generations/transitions.ts";
import type { SubmitOutcome } from "../ports/provider.ts";
import type { GenerationRow } from "../rows.ts";
import { releaseSlot, requeueFirst, disableCredential } from "../start-slots/take-slot.ts";
import { recordAccepted } from "./accept-job.ts";
import { fallBack, fallbackFor } from "./fallback.ts";
import * as schedule from "./schedule.ts";
import { fail } from "./fail.ts";

/** Records what the create call came to. */
export async function recordOutcome(
  deps: Deps,
  intent: GenerationRow,
  outcome: SubmitOutcome,
  pollDelay: number,
): Promise<void> {
  switch (outcome.outcome) {
    case "accepted": {
      const { operation, credentialId } = outcome;
      const pollAt = schedule.firstPollAt(intent, deps.now()) + pollDelay;
      return await recordAccepted(deps, intent, { operation, credentialId }, pollAt);
    }
    case "refused":
      return await refuse(deps, intent, outcome.failure);
    case "postponed":
      return await postpone(deps, intent, outcome);
    case "delivered":
      return await deliver(deps, intent, outcome.bytes);
    case "unknown":
      if (deps.providers.of(intent.protocol).isSynchronous) return await fail(deps, intent, answerLost);
      return await recordAndPublish(deps, intent, {
        type: "generation.outcome_unknown",
        detail: { reason: outcome.reason },
        changes: { credentialId: outcome.credentialId, outcomeNotedAt: deps.now(), dueAt: intent.deadlineAt },
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
      dueAt: Math.min(schedule.afterPostponement(intent, reason, deps.now()), intent.deadlineAt),
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
