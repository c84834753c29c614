import { DEFAULT_NUMBERS, SCENARIOS } from "./scenarios.ts";
import type { ScenarioName } from "./scenarios.ts";

/** What one prompt asks for: each scenario with its number (0 where it takes none). */
export type Scenario = ReadonlyMap<ScenarioName, number>;

type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly message: string };

const MARKER = /\[sim:([^\]]*)\]/g;
const WELL_FORMED = /^([a-z0-9-]+)(?:=(\d+(?:\.\d+)?))?(?:@([\w./-]+))?$/;

/** Creates are counted by the exact prompt and, where it asks for something of one model only, by model. */
export const createCounter = (prompt: string, model: string): string =>
  `create\n${/\[sim:[^\]]*@/.test(prompt) ? model : ""}\n${prompt}`;

/**
 * Reads the `[sim:…]` markers of a prompt. An unknown one is an error, so a typo never passes.
 * @param model whose create this is; `[sim:name@other]` is not meant for it
 */
export function readScenario(prompt: string, model: string): ReadScenario {
  const scenario = new Map<ScenarioName, number>();
  for (const [, marker = ""] of prompt.matchAll(MARKER)) {
    const [, name = "", number, only = model] = WELL_FORMED.exec(marker) ?? [];
    if (!isScenarioName(name)) {
      return {
        ok: false,
        message: `unknown simulator scenario "${marker}"; src/simulator/README.md lists them all`,
      };
    }
    const standard = DEFAULT_NUMBERS[name];
    if (number !== undefined && standard === undefined) {
      return { ok: false, message: `simulator scenario "${name}" takes no number` };
    }
    if (only === model) scenario.set(name, number === undefined ? (standard ?? 0) : Number(number));
  }
  return { ok: true, scenario };
}

/**
 * Counted scenarios on one thing happen one after the other: `a=2` and `b=1` make calls 1 and 2 go a's way, call 3 b's.
 * @param turn which call this is, from 1
 */
export function scenarioAtTurn<Name extends ScenarioName>(
  scenario: Scenario,
  names: readonly Name[],
  turn: number,
): Name | null {
  let last = 0;
  for (const name of names) {
    last += scenario.get(name) ?? 0;
    if (turn <= last) return name;
  }
  return null;
}

function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
