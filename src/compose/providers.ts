import type { Deps } from "../domain/deps.ts";
import type { Config } from "../env.ts";
import type { Fetch } from "../lib/fetch.ts";
import { createProviders } from "../providers/registry.ts";
import { createKieProvider } from "../providers/kie/index.ts";
import type { WorkersAiAccount } from "../providers/workers-ai/account.ts";
import { createWorkersAi } from "../providers/workers-ai/index.ts";

const workersAiAccount = (config: Config, fetch: Fetch, now: () => number): WorkersAiAccount => ({
  baseUrl: config.CF_API_BASE_URL,
  accountId: config.CF_ACCOUNT_ID,
  token: config.CF_API_TOKEN,
  fetch,
  now,
});

/** Every provider, by the part of its protocols' names before the slash. */
export function providers(config: Config, fetch: Fetch, now: () => number): Deps["providers"] {
  const signing = { key: config.KIE_WEBHOOK_HMAC_KEY, now };
  const kie = createKieProvider({ baseUrl: config.KIE_API_BASE_URL, fetch }, config.KIE_API_KEY, signing);
  return createProviders({ kie, "workers-ai": createWorkersAi(workersAiAccount(config, fetch, now)) });
}

/** The server that rewrites prompts. Its client is loaded with the first prompt. */
export function promptOptimizer(config: Config, fetch: Fetch): Deps["optimizer"] {
  const { EXTERNAL_API_BASE: baseUrl, EXTERNAL_MODEL: model, EXTERNAL_API_KEY: key } = config;
  if (baseUrl === null || model === null) {
    const problem = "No prompt optimisation server is set: set EXTERNAL_API_BASE and EXTERNAL_MODEL.";
    return { problem, optimize: async () => ({ ok: false, message: problem }) };
  }
  return {
    problem: null,
    optimize: async (prompt, milliseconds, log) => {
      const { optimize } = await import("../providers/prompt-optimizer.ts");
      return await optimize({ baseUrl, model, key, fetch }, { prompt, milliseconds }, log);
    },
  };
}
