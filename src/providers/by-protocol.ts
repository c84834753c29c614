/** Several upstreams as one provider: whatever is asked goes to the one that speaks the protocol. */
import { failure } from "../domain/failure.ts";
import type { Provider, Upstream } from "../domain/ports/provider.ts";

/** One of the upstreams. */
export interface Member extends Upstream, Pick<Provider, "checkCredential" | "submit" | "poll" | "refresh"> {}
export type CallbackReader = Pick<Provider, "callbackTaskId" | "isGenuineCallback">;

/** For rows of an upstream that this version has heard of no more. */
const NOBODY: Member = {
  problem: "This service can no longer make it; its operator changed its models.",
  isSynchronous: false,
  limits: { starts: 1, window: 1_000, running: 1 },
  keys: async () => [],
  explain: (code) => failure(code),
  checkCredential: async () => "not_ours",
  submit: async () => ({ outcome: "refused", failure: failure("model_unavailable") }),
  poll: async () => ({ state: "unseen", reason: "no such provider" }),
};

/** `members` by what stands before the slash in the names of their protocols. */
export function byProtocol(members: Readonly<Record<string, Member>>, callbacks: CallbackReader): Provider {
  const of = (protocol: string): Member => members[protocol.replace(/\/.*/, "")] ?? NOBODY;
  return {
    upstream: of,
    callbackTaskId: callbacks.callbackTaskId,
    isGenuineCallback: callbacks.isGenuineCallback,
    checkCredential: async (refused, log) => {
      const answers = await Promise.all(
        Object.values(members).map((member) => member.checkCredential(refused, log)),
      );
      return answers.find((answer) => answer !== "not_ours") ?? "not_ours";
    },
    submit: (job, log) => of(job.protocol).submit(job, log),
    poll: (task, log) => of(task.protocol).poll(task, log),
    refresh: async (task, url, log) => (await of(task.protocol).refresh?.(task, url, log)) ?? null,
  };
}
