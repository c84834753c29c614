/** A stream into the bucket: measured, hashed, checked. One put for a file of one part, a multipart upload for a longer one. */
import type { StoredFile } from "../domain/ports/media-store.ts";
import type { FileKind } from "./sniff.ts";
import { discardBody } from "./discard-body.ts";
import { measure, UnusableError } from "./hash-stream.ts";
import type { Measured } from "./hash-stream.ts";
import { imageDimensionsOf } from "./image-files.ts";

export interface StoreOptions {
  /** The key in the bucket without its extension. */
  readonly objectKey: string;
  readonly mostBytes: number;
  /** How long it is by its sender's word; null when nothing was said. */
  readonly declared: number | null;
  /** When nobody may have it any more, in epoch milliseconds; null: it is kept. */
  readonly expiresAt: number | null;
  /** The kind of a file by its first bytes; null when it is none that is wanted here. */
  readonly kindOf: (head: Uint8Array) => FileKind | null;
}

/**
 * Streams into the bucket, a part at a time. The object appears there only when all of it has come and been
 * checked. Throws `UnusableError` for an unusable file, anything else for a failure of the storage.
 */
export async function storeStream(
  bucket: R2Bucket,
  stream: ReadableStream<Uint8Array>,
  options: StoreOptions,
): Promise<StoredFile> {
  const { mostBytes, declared } = options;
  if (declared !== null && declared > mostBytes) {
    await discardBody(stream);
    throw new UnusableError("size", "it is too big");
  }
  let upload: Upload | null = null;
  try {
    let received = 0;
    const measured = await measure(stream, async (part, index, isLast) => {
      received += part.length;
      if (received > mostBytes) throw new UnusableError("size", "it is too big");
      if (isLast && declared !== null && received !== declared) {
        throw new UnusableError("broken", `it has ${received} bytes where ${declared} were declared`);
      }
      upload ??= await beginUpload(bucket, options, { head: part, isWhole: isLast });
      await upload.add(part, index);
      if (isLast) await upload.finish();
    });
    return describeFile(options, measured);
  } catch (error) {
    await (upload as Upload | null)?.abandon();
    throw error;
  }
}

/** What a file is that has been seen as a whole. Throws `UnusableError` when its kind is not wanted. */
export function describeFile(
  options: Pick<StoreOptions, "objectKey" | "kindOf">,
  { bytes, sha256, head }: Measured,
): StoredFile {
  const type = wantedKind(options, head);
  const size = type.kind === "image" ? imageDimensionsOf(head) : { width: null, height: null };
  return {
    key: `${options.objectKey}.${type.extension}`,
    contentType: type.contentType,
    bytes,
    sha256,
    ...size,
  };
}

function wantedKind({ kindOf }: Pick<StoreOptions, "kindOf">, head: Uint8Array): FileKind {
  if (head.length === 0) throw new UnusableError("empty", "it is empty");
  const found = kindOf(head);
  if (found === null)
    throw new UnusableError("kind", "its first bytes are not those of a file that is wanted");
  return found;
}

interface Upload {
  readonly add: (part: Uint8Array, index: number) => Promise<void>;
  readonly finish: () => Promise<void>;
  readonly abandon: () => Promise<void>;
}

async function beginUpload(
  bucket: R2Bucket,
  options: StoreOptions,
  first: { head: Uint8Array; isWhole: boolean },
): Promise<Upload> {
  const type = wantedKind(options, first.head);
  const key = `${options.objectKey}.${type.extension}`;
  const putOptions = {
    httpMetadata: { contentType: type.contentType },
    ...(options.expiresAt === null ? {} : { customMetadata: { expiresAt: String(options.expiresAt) } }),
  };
  if (first.isWhole) {
    return {
      add: async (part) => void (await bucket.put(key, part, putOptions)),
      finish: async () => undefined,
      abandon: async () => undefined,
    };
  }
  const multipart = await bucket.createMultipartUpload(key, putOptions);
  const parts: R2UploadedPart[] = [];
  return {
    add: async (part, index) => {
      if (part.length > 0) parts.push(await multipart.uploadPart(index + 1, part));
    },
    finish: async () => void (await multipart.complete(parts)),
    abandon: async () => await multipart.abort(),
  };
}
