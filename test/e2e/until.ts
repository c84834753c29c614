import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until it is so; throws, naming `what` was waited for, when it is not in time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(20);
  }
}
