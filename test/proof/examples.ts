import { POINTS } from "./fault.ts";
import type { Order } from "./orders.ts";
import type { Action, Schedule } from "./schedule.ts";

const made = (scenario: string, more: Partial<Order> = {}): Action => ({
  kind: "generate",
  order: { markers: `[sim:${scenario}]`, deadlineSeconds: 60, ...more },
});
/** Lives that together come to every kind of gate. */
const ALL_SORTS: readonly Action[] = [
  made("no-callback", { models: ["flux-kontext-pro"], isEdit: true }),
  made("create-drop"),
  made("fail-400"),
  made("link-404=1"),
  made("create-429=1"),
  { kind: "pass", seconds: 70 },
  made("stuck"),
  { kind: "pass", seconds: 1 },
  { kind: "cancel", artwork: 5 },
  { kind: "delete", artwork: 0 },
  made("create-402"),
];

/** One schedule for each kind of gate and side of it, in which a process dies there: what chance might leave out. */
export const deathsAtEachGate: readonly Schedule[] = POINTS.flatMap((point, order) =>
  (["before", "after"] as const).map((side) => ({
    actions: ALL_SORTS,
    faults: [{ at: { point, nth: 1 }, phase: side, mode: { kind: "stop", alarm: "lost" } }],
    keys: 1,
    order,
  })),
);
