/** Untrusted URL to bucket: streamed, measured, hashed, checked. */
import type { CopyResult, MediaStore, StoredFile } from "../domain/ports/media-store.ts";
import { withDeadline } from "../lib/deadline.ts";
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import { MINUTE } from "../lib/time.ts";
import type { Kind } from "../models/model.ts";
import { fetchUntrusted } from "./fetch-untrusted.ts";
import type { UntrustedFetch } from "./fetch-untrusted.ts";
import { describeFile, storeStream } from "./store-stream.ts";
import { kindOf } from "./sniff.ts";
import type { FileKind } from "./sniff.ts";
import { measure, UnusableError } from "./hash-stream.ts";

const MEBIBYTE = 1024 * 1024;
/** Far above what any model makes: a bound for a stream that never ends. */
const MOST_BYTES: Readonly<Record<Kind, number>> = {
  image: 64 * MEBIBYTE,
  video: 1024 * MEBIBYTE,
  any: 1024 * MEBIBYTE,
};

/** Time limit for a whole video. A Durable Object's alarm may run for 15 minutes. */
const COPY_TIMEOUT = 10 * MINUTE;

interface World extends UntrustedFetch {
  readonly bucket: R2Bucket;
  /** When a result that is kept now expires at the earliest, in epoch milliseconds; null: never. */
  readonly expiresAt: () => number | null;
}

interface Order {
  readonly url: string;
  readonly objectKey: string;
  readonly kind: Kind;
}

export function createMediaStore(world: World): MediaStore {
  return {
    copy: (url, objectKey, kind, log) => copy(world, { url, objectKey, kind }, log),
    store: (bytes, objectKey, kind, log) =>
      guarded(log, () =>
        store(world, { objectKey, kind }, { stream: new Blob([bytes]).stream(), declared: bytes.length }),
      ),
    find: (objectKey) => find(world.bucket, objectKey),
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

const attempt = (world: World, order: Order, log: Log): Promise<CopyResult> =>
  guarded(log, () =>
    withDeadline(COPY_TIMEOUT, async (signal): Promise<CopyResult> => {
      const fetched = await fetchUntrusted(world, order.url, signal);
      if (!fetched.ok) return fetched;
      const { body, headers } = fetched.response;
      const stream = body ?? new Blob([]).stream();
      return await store(world, order, { stream, declared: declaredLength(headers) });
    }),
  );

/** What goes wrong while a file is kept is an answer, too. */
async function guarded(log: Log, act: () => Promise<CopyResult>): Promise<CopyResult> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UnusableError) {
      const problem = error.what === "broken" ? "cut_short" : "unusable";
      return { ok: false, problem, reason: error.message };
    }
    log.warn("copy.transient_failure", describeError(error));
    return {
      ok: false,
      problem: "transient",
      reason: error instanceof Error ? error.message : "unknown error",
    };
  }
}

/** The kind of a result by its first bytes; null when it is none, or not the kind that was ordered. */
const resultKind =
  (ordered: Kind) =>
  (head: Uint8Array): FileKind | null => {
    const found = kindOf(head);
    return ordered === "any" || found?.kind === ordered ? found : null;
  };

/** A compressed answer's length is not that of its content. */
function declaredLength(headers: Headers): number | null {
  const length = headers.get("Content-Length");
  return length === null || headers.has("Content-Encoding") ? null : Number(length);
}

interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  /** How many bytes its sender promised, or null. */
  readonly declared: number | null;
}

const store = async (
  { bucket, expiresAt }: World,
  { objectKey, kind }: Pick<Order, "objectKey" | "kind">,
  { stream, declared }: Source,
): Promise<CopyResult> => ({
  ok: true,
  file: await storeStream(bucket, stream, {
    objectKey,
    mostBytes: MOST_BYTES[kind],
    declared,
    expiresAt: expiresAt(),
    kindOf: resultKind(kind),
  }),
});

/** An object is there only when a copy was complete, so what an earlier run left is as good as a new copy. */
async function find(bucket: R2Bucket, objectKey: string): Promise<StoredFile | null> {
  const { objects } = await bucket.list({ prefix: `${objectKey}.`, limit: 1 });
  const object = objects[0] === undefined ? null : await bucket.get(objects[0].key);
  if (object === null) return null;
  return describeFile({ objectKey, kindOf }, await measure(object.body, async () => undefined));
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
