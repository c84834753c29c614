import { describe, expect, it } from "vitest";
import type { Fault, Mode } from "./fault.ts";
import type { Order } from "./orders.ts";
import type { Phase } from "./process.ts";
import { playAndClear } from "./rest.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createTally } from "./tally.ts";
import type { Tally } from "./tally.ts";
import { problemsOf } from "./truth.ts";

const generate = (markers: string, more: Partial<Order> = {}): Action => ({
  kind: "generate",
  order: { markers, deadlineSeconds: 600, ...more },
});
/** What is asked for, and how many upstream keys there are. */
const LIVES: readonly (readonly [string, readonly Action[], number])[] = [
  ["a plain generation", [generate("")], 1],
  ["a generation whose create call is dropped", [generate("[sim:create-drop]")], 1],
  ["a generation that is finished by looking", [generate("[sim:no-callback]")], 1],
  [
    "a generation that is canceled and its artwork deleted",
    [
      generate(""),
      { kind: "pass", seconds: 1 },
      { kind: "cancel", artwork: 0 },
      { kind: "delete", artwork: 0 },
    ],
    1,
  ],
  [
    "a generation that two fallbacks take over",
    [
      generate("[sim:create-505@flux-kontext-pro] [sim:fail-501@flux-kontext-max]", {
        models: ["flux-kontext-pro", "flux-kontext-max", "google/nano-banana"],
      }),
    ],
    1,
  ],
  ["a generation from a picture, named by a key", [generate("", { isEdit: true, isNamed: true })], 1],
  [
    "a generation whose first upstream key is refused",
    [
      { kind: "trouble", account: 0, trouble: "locked", seconds: 300 },
      { kind: "trouble", account: 1, trouble: "empty", seconds: 20 },
      generate(""),
      { kind: "pass", seconds: 90 },
      generate(""),
    ],
    2,
  ],
];
const DEATHS: readonly (readonly [string, Phase, Mode])[] = [
  ["before it, and the alarm runs again", "before", { kind: "stop", alarm: "again" }],
  ["after it, and the alarm runs again", "after", { kind: "stop", alarm: "again" }],
  ["before it, and only the sweep is left", "before", { kind: "stop", alarm: "lost" }],
  ["after it, and only the sweep is left", "after", { kind: "stop", alarm: "lost" }],
];

const MEANWHILE: readonly (readonly [string, Action])[] = [
  ["a callback comes again", { kind: "resend", task: 0 }],
  ["it is canceled", { kind: "cancel", artwork: 0 }],
  ["its artwork is deleted", { kind: "delete", artwork: 0 }],
  ["its actor wakes a second time", { kind: "twin", artwork: 0 }],
];
const DISTURBED: readonly (readonly [string, readonly Action[]])[] = [
  ["a plain generation", [generate("")]],
  ["a generation of which nothing is heard", [generate("[sim:create-drop] [sim:no-callback]")]],
  [
    "a generation that is canceled",
    [generate(""), { kind: "pass", seconds: 1 }, { kind: "cancel", artwork: 0 }],
  ],
];

/** Plays a life with one interruption at the n-th await, for n from 1 until the life is over before it. */
async function interruptEach(
  { actions, keys = 1 }: { actions: readonly Action[]; keys?: number | undefined },
  { phase, mode }: Pick<Fault, "phase" | "mode">,
  tally: Tally,
): Promise<string[]> {
  const problems: string[] = [];
  for (let n = 1; ; n += 1) {
    const schedule: Schedule = { actions, faults: [{ at: n, phase, mode }], keys, order: 0 };
    const { played, rest } = await playAndClear(schedule, tally);
    if (played.struck === 0) return problems;
    const found = problemsOf(played, rest);
    tally.count(played, rest, found);
    problems.push(...found.map((problem) => `at await ${n}: ${problem}`));
  }
}

describe.each(LIVES)("%s", (_life, actions, keys) => {
  it.each(DEATHS)(
    "ends truthfully and is paid once when the process dies at any await, %s",
    { timeout: 120_000 },
    async (_death, phase, mode) => {
      const tally = createTally();
      expect(await interruptEach({ actions, keys }, { phase, mode }, tally)).toEqual([]);
      expect(tally.crashes()).toBeGreaterThan(25);
    },
  );
});

describe.each(DISTURBED)("%s", (_life, actions) => {
  it.each(MEANWHILE)(
    "ends truthfully and is paid once when, in the midst of any await, %s",
    { timeout: 120_000 },
    async (_event, action) => {
      const tally = createTally();
      expect(
        await interruptEach({ actions }, { phase: "before", mode: { kind: "meanwhile", action } }, tally),
      ).toEqual([]);
      expect(tally.schedules()).toBeGreaterThan(20);
    },
  );
});
