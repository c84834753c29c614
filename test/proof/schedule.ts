/** Random schedules: requests with scenarios, wakes, forged callbacks, time and faults. */
import * as fc from "fast-check";
import type { AccountProblem } from "../../src/simulator/simulator.ts";
import { POINTS } from "./fault.ts";
import type { Fault, Mode } from "./fault.ts";
import { markers, generationRequests } from "./generation-requests.ts";
import type { GenerationRequest } from "./generation-requests.ts";

/** `artwork`, `task` and the like count modulo those that there are. */
export type Action =
  | { readonly kind: "generate"; readonly request: GenerationRequest }
  | {
      readonly kind: "regenerate";
      readonly artwork: number;
      readonly markers: string | null;
      readonly isNamed: boolean;
    }
  /** Repeats a request: with its key, with its key and another body, or as a marked retry. */
  | { readonly kind: "repeat"; readonly request: number; readonly how: "again" | "changed" | "marked" }
  | { readonly kind: "remove upload"; readonly upload: number }
  /** For some time a provider account refuses its key or has no credits. */
  | {
      readonly kind: "account problem";
      readonly account: number;
      readonly problem: AccountProblem;
      readonly seconds: number;
    }
  | { readonly kind: "cancel" | "delete" | "status" | "wake" | "duplicate"; readonly artwork: number }
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
  /** How many provider keys are configured. */
  readonly keys: number;
  /** Decides which of several due artworks wakes first. */
  readonly order: number;
}

const generate: fc.Arbitrary<Action> = generationRequests.map((request) => ({
  kind: "generate" as const,
  request,
}));
const artwork = fc.nat({ max: 2 });
const seconds = fc.constantFrom(1, 1, 3, 4, 6, 15, 31, 70, 130, 900, 7_200, 20_000);

const repeat: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant("repeat" as const),
  request: artwork,
  how: fc.constantFrom("again", "again", "changed", "marked"),
});
const accountProblem: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant("account problem" as const),
  account: artwork,
  problem: fc.constantFrom("locked", "empty"),
  seconds: fc.constantFrom(5, 70, 300, 7_200),
});

const request: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: generate },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("regenerate" as const),
      artwork,
      markers: fc.option(markers, { freq: 3 }),
      isNamed: fc.constantFrom(false, true),
    }),
  },
  { weight: 6, arbitrary: repeat },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove upload" as const), upload: artwork }) },
  { weight: 3, arbitrary: accountProblem },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel", "cancel", "delete", "delete", "status", "status", "wake"),
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
const duplicate: fc.Arbitrary<Action> = fc.record({ kind: fc.constant("duplicate" as const), artwork });

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
      action: fc.oneof({ weight: 4, arbitrary: request }, { weight: 1, arbitrary: duplicate }),
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

/** Half of the plays end by their owner's request. */
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
    keys: fc.constantFrom(1, 1, 2, 3),
    order: fc.nat({ max: 5 }),
  })
  .map(({ first, more: others, last: end, ...how }) => ({ actions: [first, ...others, ...end], ...how }));
