import { createApp } from "./app.ts";
import { Fault, approximate } from "./faults.ts";
import type { StoredFile } from "./stored-file.ts";
import { simulatedTask } from "./observe.ts";
import type { SimulatedTask } from "./observe.ts";
import type { SimulatorOptions } from "./options.ts";
import { createWorld } from "./world.ts";
import type { AccountProblem, RefusedCreate } from "./world.ts";

export { DOCUMENTED_CREATE_LIMIT, DOCUMENTED_LIMITS } from "./options.ts";
export type { SimulatorOptions } from "./options.ts";
export type { SimulatedTask } from "./observe.ts";
export type { AccountProblem, RefusedCreate } from "./world.ts";

/** The whole provider: create, status, callbacks and the host of the results. It misbehaves only where a prompt asks for it. */
export interface Simulator {
  /** Answers like the network would: a fault below HTTP is a rejected, pending or breaking response. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The same for a server with real sockets, which makes the fault happen itself. */
  readonly respond: (request: Request) => Promise<Response | Fault>;
  /** Every accepted create, in order. Its elements stay the same objects and show the present. */
  readonly tasks: readonly SimulatedTask[];
  /** How many create calls made a task. */
  readonly creates: () => number;
  /** Every create call that made none. */
  readonly refused: readonly RefusedCreate[];
  /** Every file uploaded to KIE's storage or to imgbb, in order. */
  readonly files: readonly StoredFile[];
  /** Status reads that came above a limit. */
  readonly refusedReads: () => number;
  /** Makes calls with this key fail from now on; null ends that. */
  readonly setAccountProblem: (key: string, setAccountProblem: AccountProblem | null) => void;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const world = createWorld(options);
  const app = createApp(world);
  const shown: SimulatedTask[] = [];
  const respond = async (request: Request): Promise<Response | Fault> => {
    try {
      return await app.fetch(request);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  };
  return {
    respond,
    fetch: async (request) => {
      const outcome = await respond(request);
      return outcome instanceof Fault ? approximate(outcome, request, options) : outcome;
    },
    get tasks() {
      shown.push(...world.tasks.slice(shown.length).map((task) => simulatedTask(task, world)));
      return shown;
    },
    creates: () => world.tasks.length,
    refused: world.refused,
    files: world.files,
    refusedReads: () => world.refusedReads,
    setAccountProblem: (key, problem) =>
      void (problem === null ? world.accounts.delete(key) : world.accounts.set(key, problem)),
  };
}
