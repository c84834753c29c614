/** When a delivery is tried again. Pure. */
import { HOUR, MINUTE, SECOND } from "../../lib/time.ts";

/** Pauses after each failed try but the last, as Standard Webhooks recommends. */
const PAUSES = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Receivers that failed at the same moment do not all come back at the same moment. */
const JITTER = 0.1;

/** The longest pause that a receiver may ask for. A longer one would outlast the retries and the log. */
const LONGEST_REST = 24 * HOUR;

/**
 * When to try again after `tries` failed tries, the last of which ended `now` with this `Retry-After`; null when that
 * was the last one. `chance` is from 0 to below 1. Epoch milliseconds.
 */
export function nextTry(
  tries: number,
  { now, retryAfter, chance }: { now: number; retryAfter: string | null; chance: number },
): number | null {
  const pause = PAUSES[tries - 1];
  if (pause === undefined) return null;
  const jittered = Math.round(pause * (1 + JITTER * chance));
  return now + Math.max(jittered, Math.min(restOf(retryAfter, now), LONGEST_REST));
}

/** Milliseconds that a `Retry-After` asks for, in either of its forms (RFC 9110 §10.2.3); 0 when it asks for none. */
function restOf(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * SECOND;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
