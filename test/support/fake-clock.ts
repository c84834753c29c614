/** A clock that a test moves, with its timers. */
export interface FakeClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly schedule: (delayMs: number, run: () => Promise<void>) => void;
  /** Moves the clock, stops at every timer on the way, in order, and waits for its callback. */
  readonly advance: (ms: number) => Promise<void>;
  /** When the next timer is due; Infinity when there is none. */
  readonly nextTimerAt: () => number;
}

interface Timer {
  readonly at: number;
  readonly run: () => Promise<void>;
}

/** @param start epoch milliseconds */
export function createFakeClock(start = Date.UTC(2026, 9, 1)): FakeClock {
  const timers: Timer[] = [];
  let time = start;

  const takeDue = (until: number): Timer | undefined => {
    timers.sort((left, right) => left.at - right.at);
    return timers[0] !== undefined && timers[0].at <= until ? timers.shift() : undefined;
  };
  return {
    now: () => time,
    schedule: (delayMs, run) => void timers.push({ at: time + delayMs, run }),
    async advance(ms) {
      const until = time + ms;
      for (let timer = takeDue(until); timer !== undefined; timer = takeDue(until)) {
        time = Math.max(time, timer.at);
        await timer.run();
      }
      // A timer's callback may have moved the clock further.
      time = Math.max(time, until);
    },
    nextTimerAt: () => Math.min(Infinity, ...timers.map((timer) => timer.at)),
  };
}
