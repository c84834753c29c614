/**
 * The clock of a Durable Object that stores its name and nothing else. A wake only sets the alarm, which survives a crash; a
 * wake while the alarm runs makes it run again right after.
 */
import { createLog, describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";

/** Pause after a run that threw: the storage failed and needs a moment. */
const PAUSE_AFTER_ERROR = 5 * SECOND;

/** The name of an object and the storage key of the name. */
interface Named {
  readonly key: string;
  readonly name: string;
}

export async function wakeNow(storage: DurableObjectStorage, { key, name }: Named): Promise<void> {
  await storage.put(key, name);
  await storage.setAlarm(Date.now());
}

/**
 * Runs `work` with the name under `key`; it returns the time of the next run in epoch milliseconds, or null. After every error, also of a
 * wrong configuration, the alarm is set again: the platform gives up after six failures.
 */
export async function runAlarm(
  storage: DurableObjectStorage,
  key: string,
  work: (name: string) => Promise<number | null>,
): Promise<void> {
  const name = await storage.get<string>(key);
  if (name === undefined) return;
  const next = await work(name).catch((error: unknown) => {
    createLog().error("alarm.failed", { [key]: name, ...describeError(error) });
    return Date.now() + PAUSE_AFTER_ERROR;
  });
  // A wake during this run has set an alarm of its own, which must not be postponed.
  const woken = await storage.getAlarm();
  if (next === null && woken === null) return await storage.deleteAll();
  if (next !== null && (woken === null || next < woken)) await storage.setAlarm(next);
}
