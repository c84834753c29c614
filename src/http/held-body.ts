/** An answer that is written while its work goes on. */
export interface HeldBody {
  readonly send: (text: string) => void;
  /** Aborted when the reader has gone. */
  readonly gone: AbortSignal;
}

/** What is sent whenever nothing else was for a while, so that no proxy on the way gives up. */
export interface Filler {
  readonly text: string;
  readonly milliseconds: number;
}

/**
 * A body that `produce` writes piece by piece and that ends when it returns. Errors are its own to answer: one that
 * it throws breaks the body off, which a reader sees as a lost connection.
 */
export function heldBody(
  produce: (body: HeldBody) => Promise<void>,
  filler: Filler,
): ReadableStream<Uint8Array> {
  const reader = new AbortController();
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout>;
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => {
        clearTimeout(timer);
        if (reader.signal.aborted) return;
        controller.enqueue(encoder.encode(text));
        timer = setTimeout(() => send(filler.text), filler.milliseconds);
      };
      timer = setTimeout(() => send(filler.text), filler.milliseconds);
      // Not awaited: a stream is read from only once `start` has returned.
      void finish(controller, async () => await produce({ send, gone: reader.signal })).finally(() =>
        clearTimeout(timer),
      );
    },
    cancel() {
      clearTimeout(timer);
      reader.abort();
    },
  });

  async function finish(
    controller: ReadableStreamDefaultController,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
      if (!reader.signal.aborted) controller.close();
    } catch (error) {
      if (!reader.signal.aborted) controller.error(error);
    }
  }
}
