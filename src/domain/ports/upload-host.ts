import type { Log } from "../../lib/log.ts";
import type { UploadRow } from "../rows.ts";
import type { StoredFile } from "./media-store.ts";

/** The largest uploaded image, in bytes: the least that any model of the providers takes. */
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

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
  | { readonly ok: false; readonly problem: "gone" | "refused" | "transient"; readonly reason: string };

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
