import type { Log } from "../../lib/log.ts";
import type { Kind } from "../../models/model.ts";

export interface StoredFile {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
}

/**
 * `gone`: the link is dead, a fresh one may live. `cut_short`: the file broke off. `unusable`: another kind of file, or not a
 * link. `forbidden`: its link leads to a private address. `transient`: a later try may succeed.
 */
export type CopyProblem = "gone" | "cut_short" | "unusable" | "forbidden" | "transient";

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
