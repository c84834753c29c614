/** The create calls that the provider received for a generation, grouped by attempt: each has its own callback token. */
import type { GenerationRow } from "../../src/domain/rows.ts";
import { readScenario } from "../../src/simulator/markers.ts";
import type { Scenario } from "../../src/simulator/markers.ts";
import type { RefusedCreate, SimulatedTask } from "../../src/simulator/simulator.ts";
import type { Played } from "./play-record.ts";

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
  const own = <Received extends Call>(calls: readonly Received[]) =>
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

/** The current attempt of a generation; it may have made no call yet. */
export function lastAttemptOf(played: Pick<Played, "world">, row: GenerationRow): Attempt {
  const made = attemptsOf(played, row.id);
  return made[row.attempt - 1] ?? { token: row.callbackToken, tasks: [], refused: [] };
}

/** The faults that a prompt requests for this model. */
export function scenarioOf({ prompt, model }: { prompt: string; model: string }): Scenario {
  const read = readScenario(prompt, model);
  return read.ok ? read.scenario : new Map();
}
