/** Cloudflare's Workers AI: one call whose answer is the image. */
import { failure } from "../../domain/failure.ts";
import type { Provider, StartLimits } from "../../domain/ports/provider.ts";
import { fingerprintOf } from "../../lib/crypto.ts";
import { DAY, MINUTE, SECOND } from "../../lib/time.ts";
import { listPrice } from "../../models/price.ts";
import type { WorkersAiAccount } from "./account.ts";
import { credentialRefused } from "./messages.ts";

/** It takes 720 text-to-image requests a minute and account; jobs that run at a time are limited by that alone. */
const LIMITS: StartLimits = { starts: 120, window: 11 * SECOND, running: 720 };

/** A refusal so soon after midnight may be about the day before: clocks differ, and calls take time. */
const MIDNIGHT_BLUR = 5 * MINUTE;

/**
 * When an account that has used up its allocation gets another: the free one is for a day, and days begin at 00:00 UTC.
 * Until then only a create call would show it: the list of models is answered all the same.
 */
const nextAllocation = (refusedAt: number): number => Math.ceil((refusedAt - MIDNIGHT_BLUR) / DAY) * DAY;

const problemOf = ({ accountId, token }: WorkersAiAccount): string | null => {
  const missing = [
    ...(accountId === null ? ["CF_ACCOUNT_ID"] : []),
    ...(token === null ? ["CF_API_TOKEN"] : []),
  ];
  return missing.length === 0 ? null : `Workers AI is not set up: set ${missing.join(" and ")}.`;
};

/** Workers AI as a provider. Its one credential is the token. Its client is loaded with the first job. */
export function createWorkersAi(account: WorkersAiAccount): Provider {
  const problem = problemOf(account);
  return {
    problem,
    isSynchronous: true,
    limits: LIMITS,
    callbacks: null,
    price: listPrice,
    explain: (code) => (code === "provider_key_invalid" ? credentialRefused() : failure(code)),
    credentialIds: async () => (problem === null ? [await fingerprintOf(account.token ?? "")] : []),
    checkCredential: async ({ key, code, refusedAt }, log) => {
      if (problem !== null || key !== (await fingerprintOf(account.token ?? ""))) return "not_ours";
      const isUsedUp = code === "provider_credits_exhausted" && account.now() < nextAllocation(refusedAt);
      if (isUsedUp) return "unusable";
      const { checkToken } = await import("./run.ts");
      return await checkToken(account, log);
    },
    submit: async (job, log) => {
      if (problem !== null) return { outcome: "refused", failure: failure("model_unavailable", problem) };
      const { run } = await import("./run.ts");
      return await run(account, job, log);
    },
    poll: async () => ({ state: "unseen", reason: "there is no task to poll" }),
  };
}
