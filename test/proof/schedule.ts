/** What can be drawn: requests with scenarios, wake-ups, strangers, time, and what goes wrong where. */
import * as fc from "fast-check";
import type { ScenarioName } from "../simulator/scenarios.ts";
import { POINTS } from "./fault.ts";
import type { Fault, Mode } from "./fault.ts";

/** `artwork` and `task` count modulo those that there are. */
export type Action =
  | { readonly kind: "generate"; readonly markers: string; readonly deadlineSeconds: number }
  | { readonly kind: "regenerate"; readonly artwork: number; readonly markers: string | null }
  | { readonly kind: "cancel" | "delete" | "status" | "kick" | "twin"; readonly artwork: number }
  | { readonly kind: "sweep" }
  | { readonly kind: "resend"; readonly task: number }
  | { readonly kind: "forge"; readonly task: number; readonly token: "none" | "wrong" | "of another" }
  /** Time in which everything works. */
  | { readonly kind: "pass"; readonly seconds: number }
  /** Time in which nothing of ours runs: no alarm, no cron, no answer to callbacks. */
  | { readonly kind: "outage"; readonly seconds: number };

export interface Schedule {
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
  /** Decides which of several due artworks wakes first. */
  readonly order: number;
}

type Drawn = ScenarioName | `${ScenarioName}=${number}`;

const CREATE: readonly Drawn[] = [
  "create-500-after-accept",
  "create-drop",
  "create-html-502",
  "create-no-task-id",
  "create-429=1",
  "create-429=3",
  "create-455=1",
  "create-550=2",
  "create-401",
  "create-402",
  "create-402-as-500",
  "create-404",
  "create-422",
  "create-433",
  "create-451",
  "create-500-validation",
  "create-505",
  "create-paused",
];
const TASK: readonly Drawn[] = [
  "fail-400",
  "fail-422-media",
  "fail-451",
  "fail-500",
  "fail-501",
  "success-no-url",
  "unknown-state",
  "stuck",
  "slow=20",
  "slow=90",
  "slow=400",
  "slow=3600",
  "record-null=2",
  "status-500=2",
  "status-429=1",
  "origin-url-null",
];
const CALLBACK: readonly Drawn[] = [
  "no-callback",
  "callback-twice",
  "callback-early",
  "callback-wrong-task",
  "callback-wrong-url",
  "callback-late=30",
  "callback-late=600",
  "callback-late=7200",
  "callback-out-of-order",
];
const LINK: readonly Drawn[] = [
  "link-404=1",
  "link-404=2",
  "link-500=1",
  "link-500=3",
  "link-expired",
  "link-gone",
  "link-html",
  "link-empty",
  "link-text-as-png",
  "link-lying-length",
  "link-redirect",
  "link-redirect-private",
  "link-redirect-loop",
  "link-chunked",
];

/** Every scenario that a schedule can draw; the proof asserts that each was drawn. */
export const DRAWN_SCENARIOS: readonly string[] = [
  ...CREATE,
  ...TASK,
  ...CALLBACK,
  ...LINK,
  "code-as-string",
];

/** Most of the time none: what goes wrong everywhere soon ends everywhere alike. */
const maybe = (names: readonly Drawn[]) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...names) });

const markers: fc.Arbitrary<string> = fc
  .tuple(
    maybe(CREATE),
    maybe(TASK),
    maybe(CALLBACK),
    maybe(LINK),
    fc.constantFrom(null, null, null, null, "code-as-string"),
  )
  .map((names) => names.flatMap((name) => (name === null ? [] : [`[sim:${name}]`])).join(" "));

const generate: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant("generate" as const),
  markers,
  deadlineSeconds: fc.constantFrom(10, 30, 60, 300, 600),
});
const artwork = fc.nat({ max: 2 });
const seconds = fc.constantFrom(1, 1, 3, 4, 6, 15, 31, 70, 130, 900, 7_200, 20_000);

const request: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: generate },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("regenerate" as const),
      artwork,
      markers: fc.option(markers, { freq: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel", "cancel", "delete", "delete", "status", "status", "kick"),
      artwork,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resend" as const), task: artwork }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("forge" as const),
      task: artwork,
      token: fc.constantFrom("none", "wrong", "of another"),
    }),
  },
);
const time: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("outage" as const), seconds }) },
);
const twin: fc.Arbitrary<Action> = fc.record({ kind: fc.constant("twin" as const), artwork });

const mode: fc.Arbitrary<Mode> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("stop" as const), alarm: fc.constantFrom("again", "lost") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stall" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("throw" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("slow" as const),
      milliseconds: fc.constantFrom(2_999, 20_000, 70_000, 200_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("meanwhile" as const),
      action: fc.oneof({ weight: 4, arbitrary: request }, { weight: 1, arbitrary: twin }),
    }),
  },
);
const phase = fc.constantFrom("before", "after");
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.oneof(
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }) },
    {
      weight: 3,
      arbitrary: fc.record({ point: fc.constantFrom(...POINTS), nth: fc.constantFrom(1, 1, 1, 2) }),
    },
  ),
  phase,
  mode,
});

const more = fc.array(fc.oneof({ weight: 3, arbitrary: request }, { weight: 2, arbitrary: time }), {
  maxLength: 5,
  size: "max",
});

/** Half of the plays end by their owner's wish. */
const last: fc.Arbitrary<readonly Action[]> = fc.constantFrom<(readonly Action[])[]>(
  [],
  [],
  [{ kind: "cancel", artwork: 0 }],
  [{ kind: "delete", artwork: 0 }],
);

export const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    first: generate,
    more,
    last,
    faults: fc.array(fault, { maxLength: 7, size: "max" }),
    order: fc.nat({ max: 5 }),
  })
  .map(({ first, more: others, last: end, faults, order }) => ({
    actions: [first, ...others, ...end],
    faults,
    order,
  }));

const made = (scenario: string): Action => ({
  kind: "generate",
  markers: `[sim:${scenario}]`,
  deadlineSeconds: 60,
});
/** Lives that together come to every kind of gate. */
const ALL_SORTS: readonly Action[] = [
  made("no-callback"),
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
    order,
  })),
);
