/** What the domain needs from those who make pictures and films. */
import type { Log } from "../../lib/log.ts";
import type { WireInput } from "../../models/model.ts";
import type { Failure, CredentialFailure, RefusedCredential } from "../failure.ts";

export interface Job {
  readonly generationId: string;
  readonly protocol: string;
  readonly model: string;
  readonly input: WireInput;
  readonly callbackUrl: string | null;
  /** Fingerprint of the key to pay with. */
  readonly credentialId: string;
}

/** What a create call came to. Only `refused` and `postponed` are sure that nothing was made. */
export type SubmitOutcome =
  | { readonly outcome: "accepted"; readonly taskId: string; readonly credentialId: string }
  /** The result is there at once; null when the upstream says that it made it and gave nothing. */
  | { readonly outcome: "delivered"; readonly bytes: Uint8Array<ArrayBuffer> | null }
  | { readonly outcome: "refused"; readonly failure: Failure }
  | { readonly outcome: "postponed"; readonly reason: "throttled" | "not_now"; readonly failure: Failure }
  | { readonly outcome: "unknown"; readonly reason: string; readonly credentialId: string };

export interface Task {
  readonly protocol: string;
  readonly taskId: string;
  /** Fingerprint of the key that made the task; null when that is not known. */
  readonly credentialId: string | null;
}

/** What one status read says, whatever the family: all variants of the wire end here. */
export type TaskReport =
  | { readonly state: "running"; readonly progress: number | null; readonly unknownWord: string | null }
  | { readonly state: "succeeded"; readonly urls: readonly string[]; readonly credits: number | null }
  | { readonly state: "failed"; readonly failure: Failure; readonly credits: number | null }
  /** Nothing learned: too many reads at the moment. */
  | { readonly state: "busy" }
  /** Nothing learned: the read itself failed, or the record is not visible (yet). */
  | { readonly state: "unseen"; readonly reason: string };

/** "unusable" also when nothing was learned; "not_ours" when the key is configured no more. */
export type CredentialHealth = "usable" | "unusable" | "not_ours";

/** How fast an upstream takes creates of one key. */
export interface StartLimits {
  readonly starts: number;
  /** Milliseconds in which there may be so many starts. */
  readonly window: number;
  readonly running: number;
}

/** One upstream, as far as the domain has to know it. */
export interface Upstream {
  /** What its operator has to set before anything can be made there, as a sentence; null when all is set. */
  readonly problem: string | null;
  /** Whether results come with the answer to the create call alone: no callback, no task to look at. */
  readonly isSynchronous: boolean;
  readonly limits: StartLimits;
  /** Fingerprints of the configured keys, in the operator's order. */
  readonly keys: () => Promise<readonly string[]>;
  /** What to say when its keys do not work. */
  readonly explain: (code: CredentialFailure) => Failure;
}

export interface Provider {
  /** The upstream behind a protocol, named by what stands before the protocol's slash. */
  readonly upstream: (protocol: string) => Upstream;
  /** Whether a key that was refused is good and has credit again. Costs nothing. Never throws. */
  readonly checkCredential: (refused: RefusedCredential, log: Log) => Promise<CredentialHealth>;
  /** The paid call. Never throws; whoever calls it has written the intent first. */
  readonly submit: (job: Job, log: Log) => Promise<SubmitOutcome>;
  /** The task that a callback's body names, or null. */
  readonly callbackTaskId: (body: unknown) => string | null;
  /** Whether a callback that names this task is signed as the operator wants it; true when signing is off. */
  readonly isGenuineCallback: (taskId: string | null, headers: Headers) => Promise<boolean>;
  /** One status read. Costs nothing. Never throws. */
  readonly poll: (task: Task, log: Log) => Promise<TaskReport>;
  /** Another link to a result whose own is dead, good for minutes; null when there is none. Never throws. */
  readonly refresh?: (task: Task, url: string, log: Log) => Promise<string | null>;
}
