import { POINTS } from "./fault.ts";
import { DRAWN_SCENARIOS } from "./orders.ts";
import type { Order } from "./orders.ts";
import type { Action, Schedule } from "./schedule.ts";

const SCENARIOS_AT_ONCE = 6;

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
const deathsAtEachGate: readonly Schedule[] = POINTS.flatMap((point, order) =>
  (["before", "after"] as const).map((side) => ({
    actions: ALL_SORTS,
    faults: [{ at: { point, nth: 1 }, phase: side, mode: { kind: "stop", alarm: "lost" } }],
    keys: 1,
    order,
  })),
);

const untroubled = { faults: [], keys: 1, order: 0 };

/** A request is known by its name before anybody looks whether it could be made today. */
const repeatedWithoutUpload: Schedule = {
  ...untroubled,
  actions: [
    made("slow=20", { isEdit: true, isNamed: true }),
    { kind: "pass", seconds: 31 },
    { kind: "remove upload", upload: 0 },
    { kind: "repeat", order: 0, how: "again" },
    { kind: "repeat", order: 0, how: "changed" },
  ],
};

/** A job that nobody could look at for hours is still under way: a marked retry joins it. */
const retriedAfterHours: Schedule = {
  ...untroubled,
  actions: [
    made("create-500-after-accept"),
    { kind: "outage", seconds: 20_000 },
    { kind: "repeat", order: 0, how: "marked" },
    { kind: "outage", seconds: 1 },
  ],
};

const diesAfterSubmit = (nth: number, action: Action): Schedule => ({
  ...untroubled,
  actions: [action],
  faults: [{ at: { point: "provider.submit", nth }, phase: "after", mode: { kind: "stop", alarm: "again" } }],
});

/** Nothing tells of a create call whose answer was lost, and there are minutes left to make it again. */
const unheardCreate = diesAfterSubmit(1, made("no-callback", { deadlineSeconds: 600 }));

/** Nothing tells of the fallback's create call; the inbox holds what came for the model before it. */
const unheardFallback = diesAfterSubmit(2, {
  kind: "generate",
  order: {
    markers: "[sim:fail-501@flux-kontext-pro] [sim:no-callback@flux-kontext-max]",
    deadlineSeconds: 600,
    models: ["flux-kontext-pro", "flux-kontext-max"],
  },
});

/** Every scenario once, some at a time, without a fault of our own. */
const everyScenario: readonly Schedule[] = Array.from(
  { length: Math.ceil(DRAWN_SCENARIOS.length / SCENARIOS_AT_ONCE) },
  (_, index): Schedule => ({
    ...untroubled,
    actions: DRAWN_SCENARIOS.slice(index * SCENARIOS_AT_ONCE, (index + 1) * SCENARIOS_AT_ONCE).map(
      (scenario) => made(scenario),
    ),
  }),
);

/** What is played before anything is drawn. */
export const examples: readonly Schedule[] = [
  repeatedWithoutUpload,
  retriedAfterHours,
  unheardCreate,
  unheardFallback,
  ...deathsAtEachGate,
  ...everyScenario,
];
