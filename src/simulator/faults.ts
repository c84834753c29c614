import type { SimulatorOptions } from "./options.ts";

/** What goes wrong below HTTP: no answer and no connection, no answer at all, or an answer that breaks off. */
type FaultKind =
  | { readonly kind: "drop" }
  | { readonly kind: "hang" }
  | {
      readonly kind: "cut";
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array<ArrayBuffer>;
    };

/** Thrown by a handler. Whoever owns a socket makes it happen for real; `approximate` is for those who do not. */
export class Fault extends Error {
  readonly how: FaultKind;
  constructor(how: FaultKind) {
    super(`simulated fault: ${how.kind}`);
    this.how = how;
  }
}

/** A hanging call ends after all, so that nothing leaks for ever; far above any sane client's timeout. */
export const HANG_MS = 600_000;

/** What `fetch` would show of this fault: a rejected promise, one that stays open, or a body that errors. */
export function approximate(fault: Fault, request: Request, options: SimulatorOptions): Promise<Response> {
  switch (fault.how.kind) {
    case "drop":
      return Promise.reject(new TypeError("Network connection lost."));
    case "hang":
      return hang(request, options);
    case "cut":
      return Promise.resolve(new Response(brokenOff(fault.how.body), { headers: fault.how.headers }));
  }
}

function hang(request: Request, options: SimulatorOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortReason(request.signal));
    if (request.signal.aborted) abort();
    request.signal.addEventListener("abort", abort, { once: true });
    options.schedule(HANG_MS, async () => resolve(new Response("error code: 524", { status: 524 })));
  });
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException("The operation was aborted.", "AbortError");
}

function brokenOff(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = false;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (sent) return controller.error(new TypeError("Network connection lost."));
      sent = true;
      return controller.enqueue(bytes);
    },
  });
}
