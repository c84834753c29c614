import { describe, expect, it } from "vitest";
import type { Fault } from "./fault.ts";
import { DEATHS, DISTURBED, LIVES, MEANWHILE } from "./scenarios.ts";
import { playAndClear } from "./final-state.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createTally } from "./stats.ts";
import type { Tally } from "./stats.ts";
import { problemsOf } from "./invariants.ts";

/** Plays a life with one interruption at the n-th await, for n from 1 until the life is over before it. */
async function interruptEach(
  { actions, keys }: { readonly actions: readonly Action[]; readonly keys: number },
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

describe.each(DISTURBED)("%s", (_life, actions, keys) => {
  it.each(MEANWHILE)(
    "ends truthfully and is paid once when, in the midst of any await, %s",
    { timeout: 120_000 },
    async (_event, action) => {
      const tally = createTally();
      expect(
        await interruptEach(
          { actions, keys },
          { phase: "before", mode: { kind: "meanwhile", action } },
          tally,
        ),
      ).toEqual([]);
      expect(tally.schedules()).toBeGreaterThan(20);
    },
  );
});
