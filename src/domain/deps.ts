import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { IdPrefix } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { ChangeSignal } from "../lib/change-signal.ts";
import type { Kind, Model, ModelDefaults } from "../models/define-model.ts";
import type { CredentialFailure } from "./failure.ts";
import type { Provider, StartLimits } from "./ports/provider.ts";
import type { GenerationRow } from "./generations/transitions.ts";
import type { UploadRow } from "./uploads/upload-rows.ts";

/** What the domain needs from the world. `src/deps.ts` alone knows who provides it. */
export interface Deps {
  readonly db: DrizzleD1Database;
  readonly now: () => number;
  /** Resolves after so many milliseconds, and leaves no timer behind. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly newId: (prefix: IdPrefix) => string;
  /** An unguessable token for a callback URL. */
  readonly newToken: () => string;
  readonly log: Log;
  readonly models: readonly Model[];
  readonly provider: Provider;
  readonly mediaStore: MediaStore;
  readonly uploadStore: UploadStore;
  readonly optimizer: PromptOptimizer;
  readonly cache: Cache;
  readonly actors: Actors;
  readonly feeds: Feeds;
  readonly startSlots: StartSlotsPort;
  readonly receivers: Receivers;
  readonly webhookSender: WebhookSender;
  /** Who is told of a change, in this order; a listener that fails is logged and skipped. */
  readonly listeners: readonly Listener[];
  readonly settings: Settings;
}

export interface Settings {
  readonly defaultModel: string;
  readonly defaults: ModelDefaults;
  /** Development: http and private addresses are fine in URLs from outside. */
  readonly allowPrivateUrls: boolean;
  /** Whether `kie:<market id>` names a model too, whatever it is. */
  readonly allowAnyModel: boolean;
  /** Base under which the keys of stored files are served; null means `/media` at the origin of the request. */
  readonly mediaBase: string | null;
  /** Origin where the upstream reaches us; null means the origin of the request. */
  readonly webhookOrigin: string | null;
  /** Whether the upstream itself is on a private address, so that it can reach private addresses too. */
  readonly upstreamIsPrivate: boolean;
  /** Whether prompts are rewritten where a request does not say. */
  readonly optimizesPrompts: boolean;
  /** Milliseconds for which results are kept; null: for ever. */
  readonly retentionMs: number | null;
}

export interface StoredFile {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
}

/**
 * `gone`: the link is dead, a fresh one may live. `cut_short`: the file broke off. `unusable`: it is not what was asked
 * for, or its link is none. `forbidden`: its link leads to a private address. `trouble`: may pass.
 */
export type CopyProblem = "gone" | "cut_short" | "unusable" | "forbidden" | "trouble";

export type CopyResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly problem: CopyProblem; readonly reason: string };

export interface MediaStore {
  /** Fetches an untrusted URL into the bucket under `objectKey` plus an extension. Never throws. */
  readonly copy: (url: string, objectKey: string, kind: Kind, log: Log) => Promise<CopyResult>;
  /** Puts bytes that are here already into the bucket, checked like a copy. Never throws. */
  readonly store: (
    bytes: Uint8Array<ArrayBuffer>,
    objectKey: string,
    kind: Kind,
    log: Log,
  ) => Promise<CopyResult>;
  /** A copy that an earlier run finished but did not record, or null. */
  readonly find: (objectKey: string) => Promise<StoredFile | null>;
  /** Removes every object whose key starts with `prefix`. */
  readonly remove: (prefix: string) => Promise<void>;
}

/** `size`: more than we take. `kind`: none of the pictures we take. `broken`: it broke off on its way here. */
export type ReceiveResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly problem: "empty" | "kind" | "size" | "broken" };

/** An uploaded picture as those see it who make its link. */
export type UploadedFile = Pick<UploadRow, "id" | "key" | "contentType" | "origin">;

/** `gone`: there are no bytes. `refused`: this host cannot or will not serve it. `trouble`: may pass. */
export type PublishResult =
  /** `milliseconds`: how long the link is to be trusted; null where it can be made anew at any time. */
  | { readonly ok: true; readonly url: string; readonly milliseconds: number | null }
  | { readonly ok: false; readonly problem: "gone" | "refused" | "trouble"; readonly reason: string };

/** Where an uploaded picture gets a URL that the upstream can fetch. */
export interface UploadHost {
  /** Why it cannot do so for who reached this API at `origin`, and what to set, as a sentence; or null. */
  readonly problem: (origin: string) => string | null;
  /** Makes a link. Never throws. */
  readonly publish: (file: UploadedFile, log: Log) => Promise<PublishResult>;
}

/** Pictures that callers upload. */
export interface UploadStore extends UploadHost {
  /** Checks a picture and streams it into the bucket under `objectKey` plus an extension. */
  readonly receive: (stream: ReadableStream<Uint8Array>, objectKey: string) => Promise<ReceiveResult>;
  readonly remove: (keys: readonly string[]) => Promise<void>;
}

export type OptimizedPrompt =
  | { readonly ok: true; readonly prompt: string }
  /** What went wrong and what would help, as a sentence. */
  | { readonly ok: false; readonly message: string };

/** Who rewrites prompts so that a model makes more of them. */
export interface PromptOptimizer {
  /** What its operator has to set, as a sentence; null when all is set. */
  readonly problem: string | null;
  /** Answers within `milliseconds`. Costs the caller nothing. Never throws. */
  readonly optimize: (prompt: string, milliseconds: number, log: Log) => Promise<OptimizedPrompt>;
}

export interface Cache {
  /** What was put there by this service, of the type that it was put as; null when there is nothing. */
  readonly get: <Value>(key: string) => Promise<Value | null>;
  /** Puts it there soon; does not wait until it is there. */
  readonly put: (key: string, value: unknown, ttlSeconds: number) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
}

export interface Actors {
  /** Asks the artwork's actor to look now. Resolves when the wish is durable. */
  readonly wake: (artworkId: string) => Promise<void>;
  /** Listens for changes of the artwork. Never throws: where nobody can be listened to the signal is soon lost. */
  readonly listen: (artworkId: string) => Promise<ChangeSignal>;
}

/** Who waits for anything at all of an owner's. */
export interface Feeds {
  /** Tells those who listen that something has changed. */
  readonly notify: (owner: string) => Promise<void>;
  /** Listens; never throws, like `Actors.listen`. */
  readonly listen: (owner: string) => Promise<ChangeSignal>;
}

export interface SlotRequest {
  readonly generationId: string;
  readonly artworkId: string;
  readonly owner: string;
  /** After this time nobody holds or waits for a start any more. */
  readonly deadlineAt: number;
  readonly limits: StartLimits;
}

/** What comes of asking for a start with one key. */
export type SlotAnswer =
  /** `lookLater`: milliseconds by which the first look at the job is to be put off, so that looks do not come in swarms. */
  | { readonly state: "granted"; readonly pollDelay: number }
  /** `ahead`: how many are in that line. `isInLine`: so is the one that asked; its artwork is kicked in its turn. */
  | { readonly state: "waiting"; readonly isInLine: boolean; readonly ahead: number }
  | { readonly state: "set_aside"; readonly code: CredentialFailure };

/** The start slots of the upstream keys, by fingerprint. Every call may be repeated; any may throw. */
export interface StartSlotsPort {
  /** Asks for the right to make a create call now; with `mayWait`, else for a place in line. */
  readonly ask: (key: string, request: SlotRequest, mayWait: boolean) => Promise<SlotAnswer>;
  /** Frees what a generation has or waits for. */
  readonly release: (key: string, generationId: string) => Promise<void>;
  /** The upstream dropped the create for coming too soon. */
  readonly requeueFirst: (key: string, request: SlotRequest) => Promise<void>;
  /** The upstream refused the key itself, with this generation's create. */
  readonly disable: (key: string, code: CredentialFailure, generationId: string) => Promise<void>;
}

/** Who is told by webhook. */
export interface Receivers {
  /** Asks the dispatcher of a receiver to look now. Resolves when the wish is durable. */
  readonly wake: (receiver: string) => Promise<void>;
}

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The longest that it may take. */
  readonly milliseconds: number;
}

/** What came of a POST. `text` is how the answer's body began. `forbidden`: the URL leads where nobody goes. */
export type PostResult =
  | {
      readonly answered: true;
      readonly status: number;
      readonly retryAfter: string | null;
      readonly location: string | null;
      readonly text: string;
    }
  | { readonly answered: false; readonly problem: "forbidden" | "trouble"; readonly reason: string };

export interface WebhookSender {
  /** POSTs to an untrusted URL and follows no redirect. Never throws. */
  readonly post: (url: string, message: Message) => Promise<PostResult>;
}

export interface Change {
  readonly artworkId: string;
  readonly owner: string;
  readonly generationNumber: number;
  /** The generation as it is now; null when it is the artwork itself that changed. */
  readonly generation: GenerationRow | null;
  /** Those for which a delivery has been recorded with the change. */
  readonly receivers?: readonly string[];
}

export interface Listener {
  readonly name: string;
  readonly onChange: (change: Change) => Promise<void>;
}
