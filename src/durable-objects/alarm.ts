/**
 * The clock of a Durable Object that has one name and no other memory. A kick only sets the alarm, which survives a crash; a kick
 * during a waking is a second waking right after it.
 */
import { createLog, describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";

/** Pause after a waking that threw: our own storage is in trouble, and it will not be better at once. */
const PAUSE_AFTER_ERROR = 5 * SECOND;

/** Whose clock it is, under the key that its objects have always had. */
interface Named {
  readonly key: string;
  readonly name: string;
}

export async function wakeNow(storage: DurableObjectStorage, { key, name }: Named): Promise<void> {
  await storage.put(key, name);
  await storage.setAlarm(Date.now());
}

/**
 * Runs `work` with the name under `key`; it answers when to wake again, in epoch milliseconds, or null. Whatever it throws, also by a
 * configuration that is wrong, the alarm is set again: the platform itself gives up after six failures.
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
  // A kick during this waking has set an alarm of its own, which must not be put off.
  const woken = await storage.getAlarm();
  if (next === null && woken === null) return await storage.deleteAll();
  if (next !== null && (woken === null || next < woken)) await storage.setAlarm(next);
}
