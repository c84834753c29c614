const TIMEOUT = "TimeoutError";

/**
 * Runs `work` with a signal that is aborted after `milliseconds`. The timer ends with the work: one that is left running,
 * as `AbortSignal.timeout` leaves it, keeps a Durable Object from hibernating, which costs.
 */
export async function withDeadline<Result>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("It took too long.", TIMEOUT)), milliseconds);
  try {
    return await work(late.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Why a call within a deadline came to nothing, in words. */
export const whySilent = (error: unknown): string =>
  error instanceof Error && error.name === TIMEOUT
    ? "no answer in time"
    : "no answer: the connection broke off";
