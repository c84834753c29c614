import type { SimulatorOptions } from "./options.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const FILLER_BYTES = 64 * 1024;

/** A body of the given pieces, one every `everyMs`, all timers set at once so that one move of a fake clock brings them all. */
export function dribble(
  pieces: readonly Bytes[],
  everyMs: number,
  schedule: SimulatorOptions["schedule"],
): ReadableStream<Bytes> {
  let wanted = true;
  return new ReadableStream<Bytes>({
    start(controller) {
      pieces.forEach((piece, index) => {
        schedule((index + 1) * everyMs, async () => {
          if (!wanted) return;
          if (piece.length > 0) controller.enqueue(piece);
          if (index === pieces.length - 1) controller.close();
        });
      });
    },
    cancel() {
      wanted = false;
    },
  });
}

/** A body that starts with `head` and is filled up with zeros to `length` bytes (if that is more), made as it is read. */
export function endless(head: Bytes, length: number): ReadableStream<Bytes> {
  let sent = 0;
  return new ReadableStream<Bytes>({
    pull(controller) {
      const chunk = sent === 0 ? head : new Uint8Array(Math.min(FILLER_BYTES, length - sent));
      sent += chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
      if (sent >= length) controller.close();
    },
  });
}
