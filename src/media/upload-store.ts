/** Uploaded images in the bucket. The upload host makes their links. */
import { MAX_UPLOAD_BYTES } from "../domain/ports/upload-host.ts";
import type { UploadHost, UploadStore, ReceiveResult } from "../domain/ports/upload-host.ts";
import { storeStream } from "./store-stream.ts";
import { UnusableError } from "./hash-stream.ts";
import { imageKindOf } from "./image-files.ts";

export const createUploadStore = (bucket: R2Bucket, host: UploadHost): UploadStore => ({
  ...host,
  receive: (stream, objectKey) => receive(bucket, stream, objectKey),
  remove: (keys) => bucket.delete([...keys]),
});

async function receive(
  bucket: R2Bucket,
  stream: ReadableStream<Uint8Array>,
  objectKey: string,
): Promise<ReceiveResult> {
  const options = {
    objectKey,
    mostBytes: MAX_UPLOAD_BYTES,
    declared: null,
    expiresAt: null,
    kindOf: imageKindOf,
  };
  try {
    return { ok: true, file: await storeStream(bucket, stream, options) };
  } catch (error) {
    if (error instanceof UnusableError) return { ok: false, problem: error.what };
    throw error;
  }
}

/** Reads an uploaded image for an external host. It has 10 MB at most, so it fits into memory. */
export const readInput =
  (bucket: R2Bucket) =>
  async (key: string): Promise<ArrayBuffer | null> =>
    (await (await bucket.get(key))?.arrayBuffer()) ?? null;
