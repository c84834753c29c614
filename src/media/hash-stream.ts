/**
 * R2's least size of a part of a multipart upload is 5 MiB, and all parts but the last must be equal. A part is
 * all that is ever held of a file, so a video of any size passes through in constant memory.
 */
const PART_BYTES = 6 * 1024 * 1024;

/** Enough of a file to find an image's size behind its colour profile and previews. */
const HEAD_BYTES = 256 * 1024;

/** An unusable file, as opposed to a failure of the storage. */
export class UnusableError extends Error {
  /**
   * What is wrong: there is nothing, it is of no kind that is wanted, too big; or it broke off or has another length
   * than was declared, and then another try may bring all of it.
   */
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
 * `eachPart` is awaited, so a slow taker slows the source; a part is only lent to it, its memory is used again.
 * Throws `UnusableError` when the stream breaks off.
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

/**
 * Always ends with one part marked as last, be it empty. A small file takes little memory; the parts of a large one
 * are all the same piece of it, filled again and again: what is left for the garbage collector would otherwise grow
 * with the video.
 */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Part> {
  const reader = readerOf(stream);
  try {
    const start = await fill(reader, new Uint8Array(HEAD_BYTES));
    if (start.length < HEAD_BYTES) return yield { part: start, isLast: true };
    let memory = new ArrayBuffer(PART_BYTES);
    new Uint8Array(memory).set(start);
    for (let kept = HEAD_BYTES; ; kept = 0) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read in order
      const read = await fill(reader, new Uint8Array(memory, kept));
      memory = read.buffer;
      const part = new Uint8Array(memory, 0, kept + read.length);
      if (part.length < PART_BYTES) return yield { part, isLast: true };
      yield { part, isLast: false };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Bodies from the network are streams of bytes. One that a program makes need not be, and is turned into one. */
function readerOf(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return stream.pipeThrough(new IdentityTransformStream()).getReader({ mode: "byob" });
  }
}

/** As many bytes as there is room for, fewer only at the end. The memory goes with the answer. */
async function fill(
  reader: ReadableStreamBYOBReader,
  room: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { value } = await reader.readAtLeast(room.length, room);
    return value ?? new Uint8Array();
  } catch (cause) {
    throw new UnusableError("broken", "it broke off before its end", { cause });
  }
}
