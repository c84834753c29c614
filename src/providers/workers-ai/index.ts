/** Cloudflare's Workers AI: one call, whose answer is the picture. */
import { failure } from "../../generation/failure.ts";
import type { StartLimits } from "../../generation/ports.ts";
import { fingerprintOf } from "../../lib/crypto.ts";
import type { Fetch } from "../../lib/fetch.ts";
import { SECOND } from "../../lib/time.ts";
import type { Member } from "../by-protocol.ts";
import { keyRefused } from "./words.ts";

export interface WorkersAiAccount {
  /** Without a slash at its end, e.g. `https://api.cloudflare.com/client/v4`. */
  readonly baseUrl: string;
  readonly accountId: string | null;
  readonly token: string | null;
  readonly fetch: Fetch;
}

/** It takes 720 text-to-image requests a minute and account; jobs that run at a time are limited by that alone. */
const LIMITS: StartLimits = { starts: 120, window: 11 * SECOND, running: 720 };

const problemOf = ({ accountId, token }: WorkersAiAccount): string | null => {
  const missing = [
    ...(accountId === null ? ["CF_ACCOUNT_ID"] : []),
    ...(token === null ? ["CF_API_TOKEN"] : []),
  ];
  return missing.length === 0 ? null : `Workers AI is not set up: set ${missing.join(" and ")}.`;
};

/** Workers AI as one of the upstreams. Its one key is the token. What talks to it is loaded with the first job. */
export function createWorkersAi(account: WorkersAiAccount): Member {
  const problem = problemOf(account);
  return {
    problem,
    delivers: true,
    limits: LIMITS,
    explain: (code) => (code === "provider_key_invalid" ? keyRefused() : failure(code)),
    keys: async () => (problem === null ? [await fingerprintOf(account.token ?? "")] : []),
    checkKey: async (fingerprint, log) => {
      if (problem !== null || fingerprint !== (await fingerprintOf(account.token ?? ""))) return "not_ours";
      const { checkToken } = await import("./run.ts");
      return await checkToken(account, log);
    },
    submit: async (job, log) => {
      if (problem !== null) return { outcome: "refused", failure: failure("model_unavailable", problem) };
      const { run } = await import("./run.ts");
      return await run(account, job, log);
    },
    look: async () => ({ state: "unseen", reason: "there is no task to look at" }),
  };
}
