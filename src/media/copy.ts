/** Untrusted URL to bucket: streamed, measured, hashed, checked. */
import type { CopyResult, Copier, StoredFile } from "../generation/ports.ts";
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import type { Kind } from "../models/model.ts";
import { fetchUntrusted } from "./fetch-untrusted.ts";
import type { UntrustedFetch } from "./fetch-untrusted.ts";
import { dimensionsOf, kindOf } from "./kinds.ts";
import type { FileKind } from "./kinds.ts";
import { CutShortError, measure, UnusableError } from "./measure.ts";
import type { Measured } from "./measure.ts";

const MEBIBYTE = 1024 * 1024;
/** Far above what any model makes: a bound for a stream that never ends. */
const MOST_BYTES: Readonly<Record<Kind, number>> = {
  image: 64 * MEBIBYTE,
  video: 1024 * MEBIBYTE,
  any: 1024 * MEBIBYTE,
};

interface World extends UntrustedFetch {
  readonly bucket: R2Bucket;
}

interface Order {
  readonly url: string;
  readonly keyStem: string;
  readonly kind: Kind;
}

export function createCopier(world: World): Copier {
  return {
    copy: (url, keyStem, kind, log) => copy(world, { url, keyStem, kind }, log),
    find: (keyStem) => find(world.bucket, keyStem),
    remove: (prefix) => remove(world.bucket, prefix),
  };
}

async function copy(world: World, order: Order, log: Log): Promise<CopyResult> {
  const startedAt = Date.now();
  const result = await attempt(world, order, log);
  const outcome = result.ok
    ? { key: result.file.key, bytes: result.file.bytes }
    : { problem: result.problem, reason: result.reason };
  log.info("copy", { host: URL.parse(order.url)?.host, ...outcome, milliseconds: Date.now() - startedAt });
  return result;
}

async function attempt(world: World, order: Order, log: Log): Promise<CopyResult> {
  try {
    const fetched = await fetchUntrusted(world, order.url);
    if (!fetched.ok) return fetched;
    return { ok: true, file: await store(world.bucket, order, fetched.response) };
  } catch (error) {
    if (error instanceof CutShortError) return { ok: false, problem: "cut_short", reason: error.message };
    if (error instanceof UnusableError) return { ok: false, problem: "unusable", reason: error.message };
    log.warn("copy.trouble", describeError(error));
    return {
      ok: false,
      problem: "trouble",
      reason: error instanceof Error ? error.message : "unknown error",
    };
  }
}

/** The kind of a result by its first bytes; throws when it is none, or not the kind that was ordered. */
function usableKind(head: Uint8Array, ordered: Kind): FileKind {
  const found = kindOf(head);
  if (head.length === 0) throw new UnusableError("it is empty");
  if (found === null) throw new UnusableError("its first bytes are those of no known picture or film");
  if (ordered !== "any" && found.kind !== ordered)
    throw new UnusableError(`it is ${found.contentType}, not of kind ${ordered}`);
  return found;
}

/** A compressed answer's length is not that of its content. */
function declaredLength(headers: Headers): number | null {
  const length = headers.get("Content-Length");
  return length === null || headers.has("Content-Encoding") ? null : Number(length);
}

/** Streams a body into the bucket. The object appears there only when all of it has come and been checked. */
async function store(bucket: R2Bucket, order: Order, response: Response): Promise<StoredFile> {
  const stream = response.body ?? new Blob([]).stream();
  const declared = declaredLength(response.headers);
  if (declared !== null && declared > MOST_BYTES[order.kind]) throw new UnusableError("it is too big");
  let upload: Upload | null = null;
  try {
    let received = 0;
    const measured = await measure(stream, async (part, index, isLast) => {
      received += part.length;
      if (received > MOST_BYTES[order.kind]) throw new UnusableError("it is too big");
      if (isLast && declared !== null && received !== declared) {
        throw new CutShortError(`it has ${received} bytes where ${declared} were declared`);
      }
      upload ??= await beginUpload(bucket, order, { head: part, isWhole: isLast });
      await upload.add(part, index);
      if (isLast) await upload.finish();
    });
    return describeFile(order.keyStem, measured);
  } catch (error) {
    await (upload as Upload | null)?.abandon();
    throw error;
  }
}

interface Upload {
  readonly add: (part: Uint8Array, index: number) => Promise<void>;
  readonly finish: () => Promise<void>;
  readonly abandon: () => Promise<void>;
}

/** One put for a file of one part, a multipart upload for a longer one. */
async function beginUpload(
  bucket: R2Bucket,
  order: Order,
  first: { head: Uint8Array; isWhole: boolean },
): Promise<Upload> {
  const type = usableKind(first.head, order.kind);
  const key = `${order.keyStem}.${type.extension}`;
  const options = { httpMetadata: { contentType: type.contentType } };
  if (first.isWhole) {
    return {
      add: async (part) => void (await bucket.put(key, part, options)),
      finish: async () => undefined,
      abandon: async () => undefined,
    };
  }
  const multipart = await bucket.createMultipartUpload(key, options);
  const parts: R2UploadedPart[] = [];
  return {
    add: async (part, index) => {
      if (part.length > 0) parts.push(await multipart.uploadPart(index + 1, part));
    },
    finish: async () => void (await multipart.complete(parts)),
    abandon: async () => await multipart.abort(),
  };
}

function describeFile(keyStem: string, { bytes, sha256, head }: Measured): StoredFile {
  const type = kindOf(head);
  if (type === null) throw new UnusableError("its first bytes are those of no known picture or film");
  const size = type.kind === "image" ? dimensionsOf(head) : { width: null, height: null };
  return { key: `${keyStem}.${type.extension}`, contentType: type.contentType, bytes, sha256, ...size };
}

/** An object is there only when a copy was complete, so what an earlier run left is as good as a new copy. */
async function find(bucket: R2Bucket, keyStem: string): Promise<StoredFile | null> {
  const { objects } = await bucket.list({ prefix: `${keyStem}.`, limit: 1 });
  const object = objects[0] === undefined ? null : await bucket.get(objects[0].key);
  if (object === null) return null;
  return describeFile(keyStem, await measure(object.body, async () => undefined));
}

/** Lists up to 1,000 keys at a time; so many one `delete` takes as well. */
async function remove(bucket: R2Bucket, prefix: string): Promise<void> {
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    // oxlint-disable-next-line no-await-in-loop
    if (page.objects.length > 0) await bucket.delete(page.objects.map((object) => object.key));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
}
