/** A response body that is written while the work continues. */
export interface KeepAliveBody {
  readonly send: (text: string) => void;
  /** Resolves when the reader accepts more or has disconnected. Large writers wait for it, to limit the use of memory. */
  readonly writable: () => Promise<void>;
  /** Writes texts as fast as the reader accepts them, without filler between them. */
  readonly pipe: (texts: AsyncIterable<string>) => Promise<void>;
  /** Aborted when the reader has disconnected. */
  readonly gone: AbortSignal;
}

/** A text that fills silences, so that no proxy closes the connection. */
export interface Filler {
  readonly text: string;
  readonly milliseconds: number;
}

interface Writer extends KeepAliveBody {
  readonly stopFiller: () => void;
  /** Resolves `writable`. */
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
  const stopFiller = () => clearTimeout(timer);
  const write = (text: string) => {
    if (!gone.aborted) controller.enqueue(encoder.encode(text));
  };
  const fillLater = () => {
    stopFiller();
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
    stopFiller,
    writable: untilWritable,
    resume: () => resolveWritable(),
    pipe: async (texts) => {
      stopFiller();
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
 * A body that `produce` writes in pieces and that ends when `produce` returns. `produce` must handle its errors: an
 * exception ends the body early, which a reader sees as a lost connection.
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
      // Not awaited: reading starts only after `start` has returned.
      void finish(controller).finally(writer.stopFiller);
    },
    pull() {
      writer.resume();
    },
    cancel() {
      reader.abort();
      writer.stopFiller();
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
