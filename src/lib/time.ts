export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Epoch milliseconds as ISO 8601 in UTC, or null for null. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
