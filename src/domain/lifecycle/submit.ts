import { MINUTE } from "../../lib/time.ts";
import { neverStarted } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { publishGeneration } from "../generations/publish.ts";
import { findGeneration } from "../generations/queries.ts";
import { updateGeneration, transition } from "../generations/transitions.ts";
import type { CallbackTarget } from "../ports/provider.ts";
import type { GenerationRow } from "../rows.ts";
import { releaseSlot, takeSlot } from "../start-slots/take-slot.ts";
import { isTerminal } from "../status.ts";
import { resolveInputs, waitForInputs } from "./inputs.ts";
import { fail } from "./fail.ts";
import { recordOutcome } from "./submit-outcome.ts";

/**
 * Longer than the create call may take. A row still `submitting` after that was left by a crash: whether the provider took
 * the job is unknown.
 */
const SUBMIT_LEASE = 2 * MINUTE;

export async function submit(deps: Deps, row: GenerationRow): Promise<void> {
  if (deps.now() >= row.deadlineAt) return await fail(deps, row, neverStarted(row));
  if (row.optimization?.status === "pending") {
    // Before the first start is asked for, and never again for this generation.
    const { optimizePrompt } = await import("./optimize-prompt.ts");
    return await optimizePrompt(deps, row, row.optimization.original);
  }
  const resolved = await resolveInputs(deps, row);
  if (resolved.state === "unreachable") return await fail(deps, row, resolved.failure);
  if (resolved.state === "transient") return await waitForInputs(deps, row);
  const slot = await takeSlot(deps, row);
  if (slot.state === "no_key") return await fail(deps, row, slot.failure);
  if (slot.state === "granted" && deps.now() >= row.deadlineAt) {
    await releaseSlot(deps, row, slot.key);
    return await fail(deps, row, neverStarted(row));
  }
  if (slot.state === "waiting") {
    const dueAt = Math.min(slot.nextRequestAt, row.deadlineAt);
    return void (await updateGeneration(deps, row, { credentialId: slot.key, inputTries: 0, dueAt }));
  }
  // The intent is written before the paid call. From here until an answer is recorded no run calls again:
  // if this process dies, the row is found `submitting` and its outcome counts as unknown.
  const intent = await transition(deps, row, "submitting", {
    changes: {
      submittedAt: deps.now(),
      polls: 0,
      inputTries: 0,
      outcomeNotedAt: null,
      credentialId: slot.key,
      dueAt: deps.now() + SUBMIT_LEASE,
      // Records what is sent, also where two runs have rewritten the prompt at once.
      ...(row.optimization === null ? {} : { input: row.input, optimization: row.optimization }),
    },
  });
  if (intent === null) return await releaseUnused(deps, row, slot.key);
  await publishGeneration(deps, intent);
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id });
  const outcome = await deps.providers.submit(
    {
      generationId: row.id,
      protocol: row.protocol,
      model: row.model,
      input: resolved.input,
      callback: callbackTarget(row),
      credentialId: slot.key,
    },
    log,
  );
  await recordOutcome(deps, intent, outcome, slot.pollDelay);
}

/** Another run moved the row first: a submit, which keeps the slot, or a cancel, which needs none. */
async function releaseUnused(deps: Deps, row: GenerationRow, key: string): Promise<void> {
  const current = await findGeneration(deps, row.id);
  if (current === null || isTerminal(current.status)) await releaseSlot(deps, row, key);
}

const callbackTarget = ({ callbackOrigin, id, callbackToken }: GenerationRow): CallbackTarget | null =>
  callbackOrigin === null ? null : { origin: callbackOrigin, generationId: id, token: callbackToken };
