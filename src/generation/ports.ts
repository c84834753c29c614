import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { IdPrefix } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { Kind, Model, ModelDefaults, WireInput } from "../models/model.ts";
import type { Failure } from "./failure.ts";
import type { UploadRow } from "./upload-store.ts";

/** What the domain needs from the world. `src/deps.ts` alone knows who provides it. */
export interface Deps {
  readonly db: DrizzleD1Database;
  readonly now: () => number;
  readonly newId: (prefix: IdPrefix) => string;
  /** An unguessable token for a callback URL. */
  readonly newToken: () => string;
  readonly log: Log;
  readonly models: readonly Model[];
  readonly provider: Provider;
  readonly copier: Copier;
  readonly inputs: Inputs;
  readonly cache: Cache;
  readonly actors: Actors;
  /** Who is told of a change, in this order; a listener that fails is logged and skipped. */
  readonly listeners: readonly Listener[];
  readonly settings: Settings;
}

export interface Settings {
  readonly defaultModel: string;
  readonly defaults: ModelDefaults;
  /** Development: http and private addresses are fine in URLs from outside. */
  readonly allowPrivateUrls: boolean;
  /** Origin where the upstream reaches us; null means the origin of the request. */
  readonly webhookOrigin: string | null;
  /** Whether the upstream itself is on a private address, so that it can reach private addresses too. */
  readonly upstreamIsPrivate: boolean;
}

export interface Job {
  readonly generationId: string;
  readonly protocol: string;
  readonly model: string;
  readonly input: WireInput;
  readonly callbackUrl: string | null;
}

/** What a create call came to. Only `refused` and `postponed` are sure that nothing was made. */
export type SubmitOutcome =
  | { readonly outcome: "accepted"; readonly taskId: string; readonly providerKey: string }
  | { readonly outcome: "refused"; readonly failure: Failure }
  | { readonly outcome: "postponed"; readonly reason: "throttled" | "not_now"; readonly failure: Failure }
  | { readonly outcome: "unknown"; readonly reason: string; readonly providerKey: string };

export interface Task {
  readonly protocol: string;
  readonly taskId: string;
  /** Fingerprint of the key that made the task; null when that is not known. */
  readonly providerKey: string | null;
}

/** What one status read says, whatever the family: all variants of the wire end here. */
export type TaskReport =
  | { readonly state: "running"; readonly progress: number | null; readonly unknownWord: string | null }
  | { readonly state: "succeeded"; readonly urls: readonly string[]; readonly credits: number | null }
  | { readonly state: "failed"; readonly failure: Failure; readonly credits: number | null }
  /** Nothing learned: the read itself failed, or the record is not visible (yet). */
  | { readonly state: "unseen"; readonly reason: string };

export interface Provider {
  readonly isConfigured: boolean;
  /** The paid call. Never throws; whoever calls it has written the intent first. */
  readonly submit: (job: Job, log: Log) => Promise<SubmitOutcome>;
  /** The task that a callback's body names, or null. */
  readonly callbackTaskId: (body: unknown) => string | null;
  /** One status read. Costs nothing. Never throws. */
  readonly look: (task: Task, log: Log) => Promise<TaskReport>;
}

export interface StoredFile {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** `gone`: the link is dead, a fresh one may live. `unusable`: not what we asked for. `trouble`: may pass. */
export type CopyProblem = "gone" | "unusable" | "forbidden" | "trouble";

export type CopyResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly problem: CopyProblem; readonly reason: string };

export interface Copier {
  /** Fetches an untrusted URL into the bucket under `keyStem` plus an extension. Never throws. */
  readonly copy: (url: string, keyStem: string, kind: Kind, log: Log) => Promise<CopyResult>;
  /** A copy that an earlier run finished but did not record, or null. */
  readonly find: (keyStem: string) => Promise<StoredFile | null>;
  /** Removes every object whose key starts with `prefix`. */
  readonly remove: (prefix: string) => Promise<void>;
}

/** `size`: more than we take. `kind`: none of the pictures we take. `broken`: it broke off on its way here. */
export type ReceiveResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly problem: "empty" | "kind" | "size" | "broken" };

/** An uploaded picture as those see it who make its link. */
export type InputFile = Pick<UploadRow, "id" | "key" | "contentType" | "origin">;

/** `gone`: there are no bytes. `refused`: this host cannot or will not serve it. `trouble`: may pass. */
export type PublishResult =
  /** `milliseconds`: how long the link is to be trusted; null where it can be made anew at any time. */
  | { readonly ok: true; readonly url: string; readonly milliseconds: number | null }
  | { readonly ok: false; readonly problem: "gone" | "refused" | "trouble"; readonly reason: string };

/** Where an uploaded picture gets a URL that the upstream can fetch. */
export interface InputHost {
  /** Why it cannot do so for who reached this API at `origin`, and what to set, as a sentence; or null. */
  readonly problem: (origin: string) => string | null;
  /** Makes a link. Never throws. */
  readonly publish: (file: InputFile, log: Log) => Promise<PublishResult>;
}

/** Pictures that callers upload. */
export interface Inputs extends InputHost {
  /** Checks a picture and streams it into the bucket under `keyStem` plus an extension. */
  readonly receive: (stream: ReadableStream<Uint8Array>, keyStem: string) => Promise<ReceiveResult>;
  readonly remove: (keys: readonly string[]) => Promise<void>;
}

export interface Cache {
  /** What was put there by this service, of the type that it was put as; null when there is nothing. */
  readonly get: <Value>(key: string) => Promise<Value | null>;
  readonly put: (key: string, value: unknown, ttlSeconds: number) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
}

export interface Actors {
  /** Asks the artwork's actor to look now. Resolves when the wish is durable. */
  readonly kick: (artworkId: string) => Promise<void>;
  /** Resolves when the artwork is no longer at `tag` (see `changeTag`), or after `milliseconds`. */
  readonly changed: (artworkId: string, tag: string, milliseconds: number) => Promise<void>;
}

export interface Change {
  readonly artworkId: string;
  readonly owner: string;
  readonly generationNumber: number;
}

export interface Listener {
  readonly name: string;
  readonly hear: (change: Change) => Promise<void>;
}
