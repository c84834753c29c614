/** What the provider was asked for a generation, told apart by attempt: each has a callback token of its own. */
import type { GenerationRow } from "../../src/domain/rows.ts";
import { readScenario } from "../../src/simulator/markers.ts";
import type { Scenario } from "../../src/simulator/markers.ts";
import type { RefusedCreate, SimulatedTask } from "../../src/simulator/simulator.ts";
import type { Played } from "./notes.ts";

/** Create calls with one callback token. */
export interface Attempt {
  readonly token: string;
  readonly tasks: readonly SimulatedTask[];
  readonly refused: readonly RefusedCreate[];
}

interface Call {
  readonly call: number;
  readonly body: unknown;
}

function callbackOf({ body }: Pick<Call, "body">): { generation: string; token: string } {
  const url = URL.parse(String((body as { callBackUrl?: unknown } | null)?.callBackUrl));
  const read = (name: string) => url?.searchParams.get(name) ?? "";
  return { generation: read("generation"), token: read("token") };
}

/** The generation that a create call's body names in its callback URL. */
export const generationOf = (call: Pick<Call, "body">): string => callbackOf(call).generation;

/** The attempts of a generation that reached the provider, in the order of their first create call. */
export function attemptsOf({ world }: Pick<Played, "world">, generationId: string): Attempt[] {
  const { tasks, refused } = world.simulator;
  const own = <Made extends Call>(calls: readonly Made[]) =>
    calls.filter((call) => generationOf(call) === generationId);
  const [ownTasks, ownRefused] = [own(tasks), own(refused)];
  const calls: Call[] = [...ownTasks, ...ownRefused].toSorted((one, other) => one.call - other.call);
  const tokens = [...new Set(calls.map((call) => callbackOf(call).token))];
  return tokens.map((token) => ({
    token,
    tasks: ownTasks.filter((call) => callbackOf(call).token === token),
    refused: ownRefused.filter((call) => callbackOf(call).token === token),
  }));
}

/** Of the attempt that a generation has come to: it may have made no call yet. */
export function lastAttemptOf(played: Pick<Played, "world">, row: GenerationRow): Attempt {
  const made = attemptsOf(played, row.id);
  return made[row.attempt - 1] ?? { token: row.callbackToken, tasks: [], refused: [] };
}

/** What a prompt asks to go wrong with this model. */
export function scenarioOf({ prompt, model }: { prompt: string; model: string }): Scenario {
  const read = readScenario(prompt, model);
  return read.ok ? read.scenario : new Map();
}
