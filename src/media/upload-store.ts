/** Uploaded pictures: into the bucket, and out of it again. Who links them is the host's business. */
import type { InputHost, Inputs, ReceiveResult } from "../domain/deps.ts";
import { keepStream } from "./store-stream.ts";
import { UnusableError } from "./hash-stream.ts";
import { pictureKindOf } from "./pictures.ts";

/** The least of what the upstream's models take of a picture. */
export const MOST_UPLOAD_BYTES = 10 * 1024 * 1024;

export const createInputs = (bucket: R2Bucket, host: InputHost): Inputs => ({
  ...host,
  receive: (stream, keyStem) => receive(bucket, stream, keyStem),
  remove: (keys) => bucket.delete([...keys]),
});

async function receive(
  bucket: R2Bucket,
  stream: ReadableStream<Uint8Array>,
  keyStem: string,
): Promise<ReceiveResult> {
  const keeping = {
    keyStem,
    mostBytes: MOST_UPLOAD_BYTES,
    declared: null,
    expiresAt: null,
    kindOf: pictureKindOf,
  };
  try {
    return { ok: true, file: await keepStream(bucket, stream, keeping) };
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
