import { failure } from "../domain/failure.ts";
import type { Provider, Providers } from "../domain/ports/provider.ts";
import { listPrice } from "../models/price.ts";

/** For rows of a provider that this version no longer has. */
const REMOVED: Provider = {
  problem: "This service can no longer make it; its operator changed its models.",
  isSynchronous: false,
  limits: { starts: 1, window: 1_000, running: 1 },
  callbacks: null,
  credentialIds: async () => [],
  explain: (code) => failure(code),
  checkCredential: async () => "not_ours",
  price: listPrice,
  submit: async () => ({ outcome: "refused", failure: failure("model_unavailable") }),
  poll: async () => ({ state: "unseen", reason: "no such provider" }),
};

/** Providers by the part of their protocols' names before the slash. */
export function createProviders(providers: Readonly<Record<string, Provider>>): Providers {
  const named = (name: string): Provider | null => (Object.hasOwn(providers, name) ? providers[name]! : null);
  const of = (protocol: string): Provider => named(protocol.replace(/\/.*/, "")) ?? REMOVED;
  return {
    of,
    named,
    checkCredential: async (refused, log) => {
      const answers = await Promise.all(
        Object.values(providers).map((provider) => provider.checkCredential(refused, log)),
      );
      return answers.find((answer) => answer !== "not_ours") ?? "not_ours";
    },
    submit: (job, log) => of(job.protocol).submit(job, log),
    poll: (task, log) => of(task.protocol).poll(task, log),
    refresh: async (task, url, log) => (await of(task.protocol).refresh?.(task, url, log)) ?? null,
  };
}
