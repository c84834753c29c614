import { MINUTE, SECOND } from "../../lib/time.ts";

/** When to ask for a start again. Pure: the clock in, epoch milliseconds out. */

/** A line for starts moves by 20 in 11 s at best. */
const START_SPACING = 550;
/** A request in the queue is woken in its turn; this long after the best case it asks by itself. */
const QUEUE_GRACE = MINUTE;
/** Pause when the slots of no key answered. */
const SLOT_ERROR_PAUSE = 10 * SECOND;

/** When a generation in line asks again, should its turn not come before. */
export const nextSlotRequestAt = (ahead: number, now: number): number =>
  now + QUEUE_GRACE + ahead * START_SPACING;

export const afterSlotErrorAt = (now: number): number => now + SLOT_ERROR_PAUSE;
