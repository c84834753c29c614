import { isLoopbackHostname, isPublicHostname } from "../lib/addresses.ts";
import { HOUR, MINUTE, SECOND } from "../lib/time.ts";
import { MAY_STILL_DELIVER } from "./failure.ts";
import type { GenerationRow } from "./store.ts";

/** When to look next. Pure: rows and the clock in, epoch milliseconds out. */

/** The slowest pace of status reads. The upstream takes 10 a second for all tasks of an account together. */
const SLOWEST_LOOK = 30 * SECOND;
const FASTEST_LOOK = 5 * SECOND;
/** The upstream counts creates in windows of 10 s and drops what is over. */
const THROTTLE_WINDOW = 10 * SECOND;
const LONGEST_NOT_NOW = 5 * MINUTE;
/** Looks after a time-out, each so long after the one before; then only a callback can bring news. */
const LATE_LOOKS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 15 * HOUR];

/** Whether an origin is one that only a program on the same network can reach. */
export function isPrivateOrigin(origin: string): boolean {
  const { hostname } = new URL(origin);
  return isLoopbackHostname(hostname) || !isPublicHostname(hostname);
}

/** Callbacks reach us: the first look is only the net. Otherwise looking is the way. */
export function firstLook(row: Pick<GenerationRow, "callbackOrigin">, now: number): number {
  const reachable = row.callbackOrigin !== null && !isPrivateOrigin(row.callbackOrigin);
  return now + (reachable ? SLOWEST_LOOK : FASTEST_LOOK);
}

/** 5 s, then half as much again each time, up to 30 s. */
export const nextLook = (row: Pick<GenerationRow, "looks">, now: number): number =>
  now + Math.min(SLOWEST_LOOK, FASTEST_LOOK * 1.5 ** row.looks);

/** The next look at a failed generation whose result may still come, or null for never. */
export function nextLateLook(
  row: Pick<GenerationRow, "looks" | "taskId" | "status">,
  code: string | null,
  now: number,
): number | null {
  if (row.taskId === null || !MAY_STILL_DELIVER.includes(code ?? "")) return null;
  const pause = LATE_LOOKS[row.status === "failed" ? row.looks : 0];
  return pause === undefined ? null : now + pause;
}

/** 429: the next window, each job a little later than the one before it. "Not now": 30 s growing to 5 min. */
export function afterPostponement(
  row: Pick<GenerationRow, "postponements">,
  reason: "throttled" | "not_now",
  now: number,
): number {
  if (reason === "throttled") return now + THROTTLE_WINDOW + Math.floor(Math.random() * THROTTLE_WINDOW);
  return now + Math.min(LONGEST_NOT_NOW, 30 * SECOND * 2 ** row.postponements);
}

/** Pauses between tries to copy a result. */
const COPY_PAUSES = [1, 5, 15, 60, 300].map((seconds) => seconds * SECOND);

export const nextCopy = (tries: number, now: number): number =>
  now + (COPY_PAUSES[Math.min(tries, COPY_PAUSES.length) - 1] ?? 0);
