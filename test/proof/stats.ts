import { attemptsOf, generationOf } from "./attempts.ts";
import type { Fault } from "./fault.ts";
import type { Played } from "./play-record.ts";
import type { Witness } from "./play.ts";
import type { Phase } from "./process.ts";
import type { FinalState } from "./final-state.ts";

/** The counts of all plays by name; counts of several runs can be added. */
export type Totals = Readonly<Record<string, number>>;

export interface Stats extends Witness {
  /** Scenarios that reached the provider in a create call. */
  readonly scenarios: ReadonlySet<string>;
  /** Gates where a process died, such as "provider.submit after". */
  readonly deaths: ReadonlyMap<string, number>;
  readonly count: (played: Played, final: FinalState, problems: readonly string[]) => void;
  readonly crashes: () => number;
  readonly schedules: () => number;
  readonly totals: () => Totals;
  readonly summary: () => string;
}

const NOTHING = {
  schedules: 0,
  generations: 0,
  attempts: 0,
  creates: 0,
  crashes: 0,
  "other faults": 0,
  "fallbacks taken": 0,
  "key refusals": 0,
  "uploads named": 0,
  replays: 0,
  "forged callbacks": 0,
  "most creates of an attempt": 0,
  "duplicate creates": 0,
  losses: 0,
};

/** Counts the results of all plays of a proof. */
export function createStats(): Stats {
  const scenarios = new Set<string>();
  const deaths = new Map<string, number>();
  const reached = new Set<string>();
  const ends = new Map<string, number>();
  const sums = { ...NOTHING };
  return {
    scenarios,
    deaths,
    reached: (point: string, phase: Phase) => void reached.add(`${point} ${phase}`),
    struck: ({ mode, phase }: Fault, point: string) => {
      if (mode.kind === "stop" || mode.kind === "stall") raise(deaths, `${point} ${phase}`);
      else sums["other faults"] += 1;
    },
    crashes: () => sums.crashes,
    schedules: () => sums.schedules,
    count: (played, final, problems) => {
      addUp(sums, played, final);
      sums.losses += problems.filter((problem) => /LOST|is gone|has no stored output/.test(problem)).length;
      for (const { errorCode, status } of final.generations) raise(ends, errorCode ?? status);
      for (const text of promptsOf(played)) {
        for (const [, name = ""] of text.matchAll(/\[sim:([^\]@]+)[^\]]*\]/g)) scenarios.add(name);
      }
    },
    totals: () => sums,
    summary: () =>
      [
        ...Object.entries(sums).map(([name, count]) => `${name} ${count}`),
        `died at ${deaths.size} of ${reached.size} gates`,
        `least often at ${[...deaths]
          .toSorted(([, one], [, other]) => one - other)
          .slice(0, 4)
          .map(([gate, count]) => `${gate} (${count})`)
          .join(", ")}`,
        `ends: ${[...ends].map(([end, count]) => `${end} ${count}`).join(", ")}`,
      ].join("; "),
  };
}

const raise = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

function addUp(sums: typeof NOTHING, played: Played, final: FinalState): void {
  const { tasks, refused } = played.world.simulator;
  const generations = [...new Set([...tasks, ...refused].map(generationOf))];
  const attempts = generations.flatMap((id) => attemptsOf(played, id));
  sums.schedules += 1;
  sums.generations += final.generations.length;
  sums.attempts += attempts.length;
  sums.creates += tasks.length;
  sums.crashes += played.world.deaths();
  sums["fallbacks taken"] += final.generations.reduce((sum, row) => sum + row.attempts.length, 0);
  sums["key refusals"] += final.events.filter(({ data }) => data["reason"] === "key_refused").length;
  sums["uploads named"] += final.generations.filter(({ request }) => "images" in request).length;
  sums.replays += played.replayed;
  sums["forged callbacks"] += played.forged;
  sums["most creates of an attempt"] = Math.max(
    sums["most creates of an attempt"],
    ...attempts.map((attempt) => attempt.tasks.length),
  );
  sums["duplicate creates"] += attempts.filter((attempt) => attempt.tasks.length > 1).length;
}

function promptsOf({ world }: Played): string[] {
  const refused = world.simulator.refused.map(({ body }) => JSON.stringify(body));
  return [...world.simulator.tasks.map(({ prompt }) => prompt), ...refused];
}
