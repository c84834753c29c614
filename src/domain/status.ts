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

/** For each status, those from which it may be entered. Only `transition` writes a status (generations/transitions.ts). */
const ENTERED_FROM: Record<Status, readonly Status[]> = {
  queued: ["queued", "submitting", "processing"], // the provider said "not now", or another model takes over
  submitting: ["queued"], // the intent, written before the paid call
  processing: ["submitting"],
  storing: ["submitting", "processing", "failed"], // the answer to a submit may be the result; it may come after we gave up
  completed: ["storing"],
  failed: RUNNING,
  canceled: RUNNING,
};

export const isTerminal = (status: Status): boolean => !RUNNING_STATUSES.includes(status);

/** Whether the table has a transition from one status to the other. */
export const mayEnter = (to: Status, from: Status): boolean => ENTERED_FROM[to].includes(from);
