/** A generation's life in order; the last three are its ends. */
const STATUSES = [
  "queued",
  "submitting",
  "processing",
  "storing",
  "completed",
  "failed",
  "canceled",
] as const;
export type Status = (typeof STATUSES)[number];

const RUNNING = ["queued", "submitting", "processing", "storing"] as const satisfies readonly Status[];
const RUNNING_STATUSES: readonly Status[] = RUNNING;

/** For each status, those it may be entered from. Nothing else writes a status (see `move` in store.ts). */
export const ENTERED_FROM = {
  queued: ["submitting", "processing"], // the upstream said "not now", or another model takes over
  submitting: ["queued"], // the intent, written before the paid call
  processing: ["submitting"],
  storing: ["processing", "failed"], // from failed: a result that came after we gave up
  completed: ["storing"],
  failed: RUNNING,
  canceled: RUNNING,
} as const satisfies Record<Status, readonly Status[]>;

export const isTerminal = (status: Status): boolean => !RUNNING_STATUSES.includes(status);
