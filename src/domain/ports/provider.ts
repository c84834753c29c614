/** Providers make images and videos. */
import type { Log } from "../../lib/log.ts";
import type { Model, WireInput } from "../../models/model.ts";
import type { CredentialFailure, Failure, RefusedCredential } from "../failure.ts";

/**
 * A job at its provider, in the provider's own terms, such as `{taskId}`. Opaque to the domain: it stores an operation,
 * shows its entries in the timeline and hands it back. Equal operations have equal entries.
 */
export type Operation = Readonly<Record<string, string | number>>;

/** Where a provider can call back, and what its call must carry. The provider makes a URL of it. */
export interface CallbackTarget {
  /** Origin under which the provider reaches this service. */
  readonly origin: string;
  readonly generationId: string;
  /** Unguessable; one per attempt. */
  readonly token: string;
}

export interface Job {
  readonly generationId: string;
  readonly protocol: string;
  readonly model: string;
  readonly input: WireInput;
  /** Null: the provider cannot reach this service. */
  readonly callback: CallbackTarget | null;
  /** The credential that pays. */
  readonly credentialId: string;
}

/** The outcome of a create call. Only `refused` and `postponed` are certain that nothing was made. */
export type SubmitOutcome =
  | { readonly outcome: "accepted"; readonly operation: Operation; readonly credentialId: string }
  /** The answer is the result; null: the provider made it and sent no bytes. */
  | { readonly outcome: "delivered"; readonly bytes: Uint8Array<ArrayBuffer> | null }
  | { readonly outcome: "refused"; readonly failure: Failure }
  | { readonly outcome: "postponed"; readonly reason: "throttled" | "not_now"; readonly failure: Failure }
  | { readonly outcome: "unknown"; readonly reason: string; readonly credentialId: string };

export interface Task {
  readonly protocol: string;
  readonly operation: Operation;
  /** The credential that made the task; null when it is not known. */
  readonly credentialId: string | null;
}

/** The result of one status read. Every variant of every wire ends here. */
export type TaskReport =
  | { readonly state: "running"; readonly progress: number | null; readonly unknownWord: string | null }
  | { readonly state: "succeeded"; readonly urls: readonly string[]; readonly credits: number | null }
  | { readonly state: "failed"; readonly failure: Failure; readonly credits: number | null }
  /** Nothing learned: too many reads at the moment. */
  | { readonly state: "busy" }
  /** Nothing learned: the read itself failed, or the record is not visible (yet). */
  | { readonly state: "unseen"; readonly reason: string };

/** `unusable` also when nothing was learned; `not_ours` when the credential is no longer configured. */
export type CredentialHealth = "usable" | "unusable" | "not_ours";

/** How fast a provider takes creates of one credential. */
export interface StartLimits {
  readonly starts: number;
  /** Milliseconds in which there may be so many starts. */
  readonly window: number;
  readonly running: number;
}

/** A callback after the check of its origin. */
export type CallbackReading =
  /** `operation`: the job that the callback names; null when it names none. */
  | { readonly kind: "genuine"; readonly operation: Operation | null }
  /** The provider's signature is missing, wrong or too old. */
  | { readonly kind: "unsigned" };

/** How a provider calls back. */
export interface ProviderCallbacks {
  /** The answer that the provider expects to a callback, as JSON. */
  readonly acknowledgement: object;
  /** Checks and reads a callback. Nothing in it is believed but the operation, which a status read then checks. */
  readonly read: (callback: { readonly text: string; readonly headers: Headers }) => Promise<CallbackReading>;
}

/** One provider: its wires, callbacks, credentials and prices. */
export interface Provider {
  /** The missing configuration, as a sentence; null when complete. */
  readonly problem: string | null;
  /** Whether results come with the answer to the create call only: no callback, no task to poll. */
  readonly isSynchronous: boolean;
  readonly limits: StartLimits;
  /** Null: this provider never calls back. */
  readonly callbacks: ProviderCallbacks | null;
  /** Ids of the configured credentials, in the operator's order. The secrets themselves are never stored. */
  readonly credentialIds: () => Promise<readonly string[]>;
  /** The failure of a job whose credentials do not work. */
  readonly explain: (code: CredentialFailure) => Failure;
  /** Whether a refused credential works and has credit again. Costs nothing. Never throws. */
  readonly checkCredential: (refused: RefusedCredential, log: Log) => Promise<CredentialHealth>;
  /** The usual price of a job in credits; null: price not published. */
  readonly price: (model: Model, input: WireInput) => number | null;
  /** The paid call. Never throws; the caller has written the intent first. */
  readonly submit: (job: Job, log: Log) => Promise<SubmitOutcome>;
  /** One status read. Costs nothing. Never throws. */
  readonly poll: (task: Task, log: Log) => Promise<TaskReport>;
  /** Another link to a result whose own is dead, good for minutes; null when there is none. Never throws. */
  readonly refresh?: (task: Task, url: string, log: Log) => Promise<string | null>;
}

/** All providers. Calls go to the provider of the job's protocol. */
export interface Providers {
  /** The provider of a protocol, named by the part before the protocol's slash. */
  readonly of: (protocol: string) => Provider;
  /** The provider of this name, or null. */
  readonly named: (name: string) => Provider | null;
  readonly checkCredential: Provider["checkCredential"];
  readonly submit: Provider["submit"];
  readonly poll: Provider["poll"];
  readonly refresh: NonNullable<Provider["refresh"]>;
}
