/** The longest wait in seconds: what proxies on the way tolerate. */
export const LONGEST_WAIT = 60;

/** Seconds of `Prefer: wait=n` (RFC 7240), at most `LONGEST_WAIT`; null when absent. */
export function preferredWait(header: string | undefined): number | null {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? "");
  return match === null ? null : Math.min(Number(match[1]), LONGEST_WAIT);
}
