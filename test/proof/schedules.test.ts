import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { POINTS } from "./fault.ts";
import { playAndClear } from "./final-state.ts";
import { examples } from "./examples.ts";
import { DRAWN_SCENARIOS } from "./generation-requests.ts";
import { schedules } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import { createStats } from "./stats.ts";
import { problemsOf } from "./invariants.ts";

const SCHEDULES = Number(env.DARKROOM_SCHEDULES);
const seed = env.DARKROOM_SEED === undefined ? undefined : Number(env.DARKROOM_SEED);
const path = env.DARKROOM_PATH;

const stats = createStats();

async function keepsItsPromises(schedule: Schedule): Promise<void> {
  const { played, final } = await playAndClear(schedule, stats);
  const problems = problemsOf(played, final);
  stats.count(played, final, problems);
  expect(problems).toEqual([]);
}

it(
  `keeps its promises in ${SCHEDULES} random schedules of requests, callbacks, time and crashes`,
  async ({ task }) => {
    const parameters = {
      numRuns: SCHEDULES,
      examples: examples.map((schedule): [Schedule] => [schedule]),
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path }),
    };
    try {
      await fc.assert(fc.asyncProperty(schedules, keepsItsPromises), parameters);
    } finally {
      task.meta.summary = stats.summary();
      task.meta.totals = stats.totals();
    }
  },
  SCHEDULES * 2_000,
);

it.skipIf(SCHEDULES < 500 || path !== undefined)(
  "covers every scenario and a crash at every kind of await",
  () => {
    expect(DRAWN_SCENARIOS.filter((name) => !stats.scenarios.has(name))).toEqual([]);
    const deaths = POINTS.flatMap((point) => [`${point} before`, `${point} after`]);
    expect(deaths.filter((death) => !stats.deaths.has(death))).toEqual([]);
  },
);
