import { POINTS } from "./fault.ts";
import { DRAWN_SCENARIOS } from "./generation-requests.ts";
import type { GenerationRequest } from "./generation-requests.ts";
import type { Action, Schedule } from "./schedule.ts";

const SCENARIOS_AT_ONCE = 6;

const generate = (scenario: string, more: Partial<GenerationRequest> = {}): Action => ({
  kind: "generate",
  request: { markers: `[sim:${scenario}]`, deadlineSeconds: 60, ...more },
});
/** Actions that together reach every kind of gate. */
const ALL_GATES: readonly Action[] = [
  generate("no-callback", { models: ["flux-kontext-pro"], isEdit: true }),
  generate("create-drop"),
  generate("fail-400"),
  generate("link-404=1"),
  generate("create-429=1"),
  { kind: "pass", seconds: 70 },
  generate("stuck"),
  { kind: "pass", seconds: 1 },
  { kind: "cancel", artwork: 5 },
  { kind: "delete", artwork: 0 },
  generate("create-402"),
];

/** One schedule per kind of gate and phase in which a process dies there, so that none depends on chance. */
const deathsAtEachGate: readonly Schedule[] = POINTS.flatMap((point, order) =>
  (["before", "after"] as const).map((side) => ({
    actions: ALL_GATES,
    faults: [{ at: { point, nth: 1 }, phase: side, mode: { kind: "stop", alarm: "lost" } }],
    keys: 1,
    order,
  })),
);

const undisturbed = { faults: [], keys: 1, order: 0 };

/** A repeated request is matched by its idempotency key before its upload is checked. */
const repeatedWithoutUpload: Schedule = {
  ...undisturbed,
  actions: [
    generate("slow=20", { isEdit: true, isNamed: true }),
    { kind: "pass", seconds: 31 },
    { kind: "remove upload", upload: 0 },
    { kind: "repeat", request: 0, how: "again" },
    { kind: "repeat", request: 0, how: "changed" },
  ],
};

/** A generation without a poll for hours still runs: a marked retry joins it. */
const retriedAfterHours: Schedule = {
  ...undisturbed,
  actions: [
    generate("create-500-after-accept"),
    { kind: "outage", seconds: 20_000 },
    { kind: "repeat", request: 0, how: "marked" },
    { kind: "outage", seconds: 1 },
  ],
};

const diesAfterSubmit = (nth: number, action: Action): Schedule => ({
  ...undisturbed,
  actions: [action],
  faults: [{ at: { point: "provider.submit", nth }, phase: "after", mode: { kind: "stop", alarm: "again" } }],
});

/** A create call whose answer is lost and that sends no callback, with minutes left for a wrong second call. */
const unansweredCreate = diesAfterSubmit(1, generate("no-callback", { deadlineSeconds: 600 }));

/** A fallback's create call without answer or callback, while the callback of the model before it is on record. */
const unansweredFallback = diesAfterSubmit(2, {
  kind: "generate",
  request: {
    markers: "[sim:fail-501@flux-kontext-pro] [sim:no-callback@flux-kontext-max]",
    deadlineSeconds: 600,
    models: ["flux-kontext-pro", "flux-kontext-max"],
  },
});

/** Every provider scenario once, several at a time, without a fault of the Worker. */
const everyScenario: readonly Schedule[] = Array.from(
  { length: Math.ceil(DRAWN_SCENARIOS.length / SCENARIOS_AT_ONCE) },
  (_, index): Schedule => ({
    ...undisturbed,
    actions: DRAWN_SCENARIOS.slice(index * SCENARIOS_AT_ONCE, (index + 1) * SCENARIOS_AT_ONCE).map(
      (scenario) => generate(scenario),
    ),
  }),
);

/** The schedules that run before the random ones. */
export const examples: readonly Schedule[] = [
  repeatedWithoutUpload,
  retriedAfterHours,
  unansweredCreate,
  unansweredFallback,
  ...deathsAtEachGate,
  ...everyScenario,
];
