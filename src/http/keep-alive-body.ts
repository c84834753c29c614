/** An answer that is written while its work goes on. */
export interface KeepAliveBody {
  readonly send: (text: string) => void;
  /** Resolves when the reader takes more, or has gone: who writes much waits for it, or its texts pile up in memory. */
  readonly writable: () => Promise<void>;
  /** Passes texts on as fast as the reader takes them. Nothing is filled in between them. */
  readonly pipe: (texts: AsyncIterable<string>) => Promise<void>;
  /** Aborted when the reader has gone. */
  readonly gone: AbortSignal;
}

/** What is sent whenever nothing else was for a while, so that no proxy on the way gives up. */
export interface Filler {
  readonly text: string;
  readonly milliseconds: number;
}

interface Writer extends KeepAliveBody {
  readonly rest: () => void;
  /** Lets go on what waits for the reader. */
  readonly resume: () => void;
}

function createWriter(
  controller: ReadableStreamDefaultController<Uint8Array>,
  filler: Filler,
  gone: AbortSignal,
): Writer {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout>;
  let resolveWritable: () => void = () => undefined;
  const rest = () => clearTimeout(timer);
  const write = (text: string) => {
    if (!gone.aborted) controller.enqueue(encoder.encode(text));
  };
  const fillLater = () => {
    rest();
    if (!gone.aborted) timer = setTimeout(() => send(filler.text), filler.milliseconds);
  };
  const send = (text: string) => {
    write(text);
    fillLater();
  };
  const untilWritable = async () => {
    if (gone.aborted || (controller.desiredSize ?? 0) > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    resolveWritable = resolve;
    await promise;
  };
  fillLater();
  return {
    send,
    gone,
    rest,
    writable: untilWritable,
    resume: () => resolveWritable(),
    pipe: async (texts) => {
      rest();
      for await (const text of texts) {
        await untilWritable();
        if (gone.aborted) return;
        write(text);
      }
      fillLater();
    },
  };
}

/**
 * A body that `produce` writes piece by piece and that ends when it returns. Errors are its own to answer: one that
 * it throws breaks the body off, which a reader sees as a lost connection.
 */
export function keepAliveBody(
  produce: (body: KeepAliveBody) => Promise<void>,
  filler: Filler,
): ReadableStream<Uint8Array> {
  const reader = new AbortController();
  let writer: Writer;
  return new ReadableStream({
    start(controller) {
      writer = createWriter(controller, filler, reader.signal);
      // Not awaited: a stream is read from only once `start` has returned.
      void finish(controller).finally(writer.rest);
    },
    pull() {
      writer.resume();
    },
    cancel() {
      reader.abort();
      writer.rest();
      writer.resume();
    },
  });

  async function finish(controller: ReadableStreamDefaultController): Promise<void> {
    try {
      await produce(writer);
      if (!reader.signal.aborted) controller.close();
    } catch (error) {
      if (!reader.signal.aborted) controller.error(error);
    }
  }
}
