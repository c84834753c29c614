/** Uploaded pictures: into the bucket, and out of it again. Who links them is the host's business. */
import type { UploadHost, UploadStore, ReceiveResult } from "../domain/deps.ts";
import { storeStream } from "./store-stream.ts";
import { UnusableError } from "./hash-stream.ts";
import { imageKindOf } from "./pictures.ts";

/** The least of what the upstream's models take of a picture. */
export const MOST_UPLOAD_BYTES = 10 * 1024 * 1024;

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
    mostBytes: MOST_UPLOAD_BYTES,
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

/** Reads an uploaded picture for a host of somebody else's: 10 MB at most, so it may be held. */
export const readInput =
  (bucket: R2Bucket) =>
  async (key: string): Promise<ArrayBuffer | null> =>
    (await (await bucket.get(key))?.arrayBuffer()) ?? null;
