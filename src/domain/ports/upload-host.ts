import type { Log } from "../../lib/log.ts";
import type { UploadRow } from "../rows.ts";
import type { StoredFile } from "./media-store.ts";

/** The largest uploaded image, in bytes: the least that any model of the providers takes. */
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

/** `size`: too large. `kind`: not a supported image format. `broken`: the body ended early. */
export type ReceiveResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly problem: "empty" | "kind" | "size" | "broken" };

/** An uploaded image, for the host that makes its link. */
export type UploadedFile = Pick<UploadRow, "id" | "key" | "contentType" | "origin">;

/** `gone`: there are no bytes. `refused`: this host cannot or will not serve it. `transient`: a later try may succeed. */
export type PublishResult =
  /** `milliseconds`: how long the link is to be trusted; null where it can be made anew at any time. */
  | { readonly ok: true; readonly url: string; readonly milliseconds: number | null }
  | { readonly ok: false; readonly problem: "gone" | "refused" | "transient"; readonly reason: string };

/** Gives an uploaded image a URL that the provider can fetch. */
export interface UploadHost {
  /** Why it cannot do so for who reached this API at `origin`, and what to set, as a sentence; or null. */
  readonly problem: (origin: string) => string | null;
  /** Makes a link. Never throws. */
  readonly publish: (file: UploadedFile, log: Log) => Promise<PublishResult>;
}

/** Images that callers upload. */
export interface UploadStore extends UploadHost {
  /** Checks an image and streams it into the bucket under `objectKey` plus an extension. */
  readonly receive: (stream: ReadableStream<Uint8Array>, objectKey: string) => Promise<ReceiveResult>;
  readonly remove: (keys: readonly string[]) => Promise<void>;
}
