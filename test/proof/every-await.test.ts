import { describe, expect, it } from "vitest";
import type { Fault } from "./fault.ts";
import { DEATHS, DISTURBED, SCENARIOS, MEANWHILE } from "./scenarios.ts";
import { playAndClear } from "./final-state.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createStats } from "./stats.ts";
import type { Stats } from "./stats.ts";
import { problemsOf } from "./invariants.ts";

/** Plays a scenario with one interruption at the n-th await, for n from 1 until the scenario ends before it. */
async function interruptEach(
  { actions, keys }: { readonly actions: readonly Action[]; readonly keys: number },
  { phase, mode }: Pick<Fault, "phase" | "mode">,
  stats: Stats,
): Promise<string[]> {
  const problems: string[] = [];
  for (let n = 1; ; n += 1) {
    const schedule: Schedule = { actions, faults: [{ at: n, phase, mode }], keys, order: 0 };
    const { played, final } = await playAndClear(schedule, stats);
    if (played.struck === 0) return problems;
    const found = problemsOf(played, final);
    stats.count(played, final, found);
    problems.push(...found.map((problem) => `at await ${n}: ${problem}`));
  }
}

describe.each(SCENARIOS)("%s", (_scenario, actions, keys) => {
  it.each(DEATHS)(
    "ends truthfully and is paid once when the process dies %s",
    { timeout: 120_000 },
    async (_death, phase, mode) => {
      const stats = createStats();
      expect(await interruptEach({ actions, keys }, { phase, mode }, stats)).toEqual([]);
      expect(stats.crashes()).toBeGreaterThan(25);
    },
  );
});

describe.each(DISTURBED)("%s", (_scenario, actions, keys) => {
  it.each(MEANWHILE)(
    "ends truthfully and is paid once when %s during any await",
    { timeout: 120_000 },
    async (_event, action) => {
      const stats = createStats();
      expect(
        await interruptEach(
          { actions, keys },
          { phase: "before", mode: { kind: "meanwhile", action } },
          stats,
        ),
      ).toEqual([]);
      expect(stats.schedules()).toBeGreaterThan(20);
    },
  );
});
