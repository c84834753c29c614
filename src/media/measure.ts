/**
 * R2's least size of a part of a multipart upload is 5 MiB, and all parts but the last must be equal. A part is
 * all that is ever held of a file, so a film of any size passes through in constant memory.
 */
const PART_BYTES = 6 * 1024 * 1024;

/** Enough of a file to find a picture's size behind its colour profile and previews. */
const HEAD_BYTES = 256 * 1024;

/** A file that is not fit to be kept, as opposed to trouble of our own while keeping it. */
export class UnusableError extends Error {
  /** What is wrong: there is nothing, it is of no kind that is wanted, too big, or not whole. */
  readonly what: "empty" | "kind" | "size" | "broken";

  constructor(what: UnusableError["what"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.what = what;
  }
}

/** What a file is, once all of it has been seen. */
export interface Measured {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly head: Uint8Array;
}

const toHex = (buffer: ArrayBuffer): string => new Uint8Array(buffer).toHex();

/**
 * Reads a stream to its end in parts of exactly `PART_BYTES` (the last one shorter), hashing as it goes.
 * `eachPart` is awaited, so a slow taker slows the source. Throws `UnusableError` when the stream breaks off.
 */
export async function measure(
  stream: ReadableStream<Uint8Array>,
  eachPart: (part: Uint8Array, index: number, isLast: boolean) => Promise<void>,
): Promise<Measured> {
  const digest = new crypto.DigestStream("SHA-256");
  const writer = digest.getWriter();
  let head = new Uint8Array();
  let bytes = 0;
  let index = 0;
  for await (const { part, isLast } of partsOf(stream)) {
    if (index === 0) head = part.slice(0, HEAD_BYTES);
    await writer.write(part);
    await eachPart(part, index, isLast);
    bytes += part.length;
    index += 1;
  }
  await writer.close();
  return { bytes, head, sha256: toHex(await digest.digest) };
}

interface Part {
  readonly part: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}

/** Always ends with one part marked as last, be it empty. */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Part> {
  let part = new Uint8Array(PART_BYTES);
  let filled = 0;
  for await (const chunk of chunksOf(stream)) {
    let read = 0;
    while (read < chunk.length) {
      if (filled === PART_BYTES) {
        yield { part, isLast: false };
        part = new Uint8Array(PART_BYTES);
        filled = 0;
      }
      const taken = chunk.subarray(read, read + PART_BYTES - filled);
      part.set(taken, filled);
      filled += taken.length;
      read += taken.length;
    }
  }
  yield { part: part.subarray(0, filled), isLast: true };
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read in order
      const next = await readChunk(reader);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new UnusableError("broken", "it broke off before its end", { cause });
  }
}
