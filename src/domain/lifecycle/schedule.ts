import { isPrivateOrigin } from "../../lib/addresses.ts";
import { HOUR, MINUTE, SECOND } from "../../lib/time.ts";
import { MAY_STILL_DELIVER } from "../failure.ts";
import type { GenerationRow } from "../rows.ts";

/** When to act next. Pure: rows and the clock in, epoch milliseconds out. */

/** The slowest pace of status reads. KIE takes 10 a second for all tasks of an account. */
const SLOWEST_POLL = 30 * SECOND;
const FASTEST_POLL = 5 * SECOND;
/** After a status read that came too soon: one to four seconds. */
const BUSY_SPREAD = 3 * SECOND;
const ID_CHARACTERS = 32;

/** After 429 the credential rests for a window and the job is woken first; this is the net for a lost wake. */
const THROTTLE_NET = 30 * SECOND;

const LONGEST_NOT_NOW = 5 * MINUTE;
/** Pauses between polls after a time-out; after the last only a callback brings a result. */
const LATE_POLLS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 15 * HOUR];

/** With callbacks the first poll is only the safety net; without them polling is the way. */
export function firstPollAt(row: Pick<GenerationRow, "callbackOrigin">, now: number): number {
  const reachable = row.callbackOrigin !== null && !isPrivateOrigin(row.callbackOrigin);
  return now + (reachable ? SLOWEST_POLL : FASTEST_POLL);
}

/** 5 s, then half as much again each time, up to 30 s. */
export const nextPollAt = (row: Pick<GenerationRow, "polls">, now: number): number =>
  now + Math.min(SLOWEST_POLL, FASTEST_POLL * 1.5 ** row.polls);

/** The next try to link uploads, at the same pace. */
export const nextInputTryAt = (row: Pick<GenerationRow, "inputTries">, now: number): number =>
  nextPollAt({ polls: row.inputTries }, now);

/**
 * Jobs that end together are polled together, and polls above the provider's limit are refused. Each is repeated soon, at a
 * moment of its own: by the last character of its id, which is random.
 */
export function afterBusyPollAt({ id }: Pick<GenerationRow, "id">, now: number): number {
  const share = ((id.codePointAt(id.length - 1) ?? 0) % ID_CHARACTERS) / ID_CHARACTERS;
  return now + SECOND + Math.round(share * BUSY_SPREAD);
}

/** The next poll of an ended generation after so many polls; null: no more polls. */
export function latePollAt(polls: number, now: number): number | null {
  const pause = LATE_POLLS[polls];
  return pause === undefined ? null : now + pause;
}

/** The first poll of a generation that has just failed, where its result may still come; null otherwise. */
export const afterFailure = (
  { operation }: Pick<GenerationRow, "operation">,
  code: string,
  now: number,
): number | null => (operation === null || !MAY_STILL_DELIVER.includes(code) ? null : latePollAt(0, now));

/** 429: the slots wake the job, this is their net. "Not now": 30 s growing to 5 min. */
export function afterPostponement(
  row: Pick<GenerationRow, "postponements">,
  reason: "throttled" | "not_now",
  now: number,
): number {
  if (reason === "throttled") return now + THROTTLE_NET;
  return now + Math.min(LONGEST_NOT_NOW, 30 * SECOND * 2 ** row.postponements);
}

/** Pauses between tries to copy a result. */
const COPY_PAUSES = [1, 5, 15, 60, 300].map((seconds) => seconds * SECOND);

export const nextCopy = (tries: number, now: number): number =>
  now + (COPY_PAUSES[Math.min(tries, COPY_PAUSES.length) - 1] ?? 0);
