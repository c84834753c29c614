import { setTimeout as sleep } from "node:timers/promises";

/** Polls a condition until it holds; throws with `what` after the time limit. */
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
