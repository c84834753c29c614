import { createsOf } from "./causes.ts";
import type { Fault } from "./fault.ts";
import type { Played, Witness } from "./player.ts";
import type { Phase } from "./process.ts";
import type { Rest } from "./rest.ts";

export interface Tally extends Witness {
  /** Scenarios that reached the upstream in a create call. */
  readonly scenarios: ReadonlySet<string>;
  /** Gates where a process has died, such as "provider.submit after". */
  readonly deaths: ReadonlyMap<string, number>;
  readonly count: (played: Played, rest: Rest) => void;
  readonly crashes: () => number;
  readonly schedules: () => number;
  readonly summary: () => string;
}

/** Counts what all plays of a proof came to. */
export function createTally(): Tally {
  const scenarios = new Set<string>();
  const deaths = new Map<string, number>();
  const reached = new Set<string>();
  const ends = new Map<string, number>();
  const sums = { schedules: 0, generations: 0, creates: 0, crashes: 0, failures: 0, twice: 0, forged: 0 };
  const raise = (counts: Map<string, number>, name: string) =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    scenarios,
    deaths,
    reached: (point: string, phase: Phase) => void reached.add(`${point} ${phase}`),
    struck: ({ mode, phase }: Fault, point: string) => {
      if (mode.kind === "stop" || mode.kind === "stall") raise(deaths, `${point} ${phase}`);
      else sums.failures += 1;
    },
    crashes: () => sums.crashes,
    schedules: () => sums.schedules,
    count: (played, rest) => {
      const { tasks, refused } = played.world.simulator;
      sums.schedules += 1;
      sums.generations += rest.generations.length;
      sums.creates += tasks.length;
      sums.crashes += played.world.deaths();
      sums.forged += played.forged;
      sums.twice += rest.generations.filter(({ id }) => createsOf(played, id).length > 1).length;
      for (const { errorCode, status } of rest.generations) raise(ends, errorCode ?? status);
      for (const { body } of [...tasks, ...refused]) {
        const prompt = String((body as { prompt?: unknown }).prompt);
        for (const [, name = ""] of prompt.matchAll(/\[sim:([^\]]+)\]/g)) scenarios.add(name);
      }
    },
    summary: () =>
      [
        `Schedules ${sums.schedules}, generations ${sums.generations}, creates ${sums.creates}`,
        `crashes ${sums.crashes} at ${deaths.size} of ${reached.size} gates, other faults ${sums.failures}`,
        `duplicate creates ${sums.twice}, forged callbacks ${sums.forged}`,
        `died least often at ${[...deaths]
          .toSorted(([, one], [, other]) => one - other)
          .slice(0, 6)
          .map(([gate, count]) => `${gate} (${count})`)
          .join(", ")}`,
        `ends: ${[...ends].map(([end, count]) => `${end} ${count}`).join(", ")}`,
      ].join("; "),
  };
}
