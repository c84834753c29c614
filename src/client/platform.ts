/** What the client needs of where it runs. */
export interface Platform {
  readonly fetch: typeof fetch;
  /** Resolves after `milliseconds`; rejects with the signal's reason when that ends it. */
  readonly wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly newKey: () => string;
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) leave();
    else signal?.addEventListener("abort", leave, { once: true });
  });
}

/** A browser, Node, or anything with the same standard parts. */
export const standardPlatform = (given?: typeof fetch): Platform => ({
  fetch: given ?? ((input, init) => fetch(input, init)),
  wait,
  random: Math.random,
  newKey: () => crypto.randomUUID(),
});

/** The work's outcome, or `late()` thrown when that takes longer than `milliseconds`. */
export async function within<Value>(
  platform: Platform,
  milliseconds: number,
  work: Promise<Value>,
  late: () => Error,
): Promise<Value> {
  const settled = new AbortController();
  const limit = platform.wait(milliseconds, settled.signal).then(() => {
    throw late();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    settled.abort();
  }
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** How long to pause before try number `tries` (from 1): twice as long each time, give or take, so that not all come at once. */
export const pauseBefore = ({ random }: Platform, tries: number): number =>
  Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)) * (0.75 + random() / 2);
