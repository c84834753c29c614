/** The real Worker under the real `wrangler dev` with its simulated provider, and storage of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { serveSimulator } from "../../src/simulator/serve.ts";
import { simulatedVars } from "../../src/dev/dev-vars.ts";
import { migrate, startWorker } from "../../src/dev/worker.ts";
import type { Worker, WorkerOptions } from "../../src/dev/worker.ts";

export interface Stage extends Pick<Worker, "url"> {
  readonly simulator: Simulator;
  /** `kill -9` of the Worker; `restart` starts one on the same port with the same storage. */
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface StageOptions extends Pick<WorkerOptions, "onLine"> {
  /** The duration of a job at the provider. */
  readonly taskMs: number;
  /** Variables in addition to those for the simulator. */
  readonly vars?: Readonly<Record<string, string>>;
}

/** Starts everything; a failed start cleans up. */
export async function startStage({ taskMs, vars = {}, ...options }: StageOptions): Promise<Stage> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-stage-"));
  const provider = await serveSimulator({ port: 0, apiKeys: ["sim-key"], taskMs, fetchInputs: true });
  let worker: Worker | null = null;
  const start = async (port: number): Promise<Worker> =>
    (worker = await startWorker({
      ...options,
      port,
      stateDirectory,
      vars: { ...simulatedVars(provider.url), ...vars },
    }));
  const close = async () => {
    await worker?.stop();
    await provider.close();
    await rm(stateDirectory, { recursive: true, force: true });
  };
  try {
    await migrate(stateDirectory);
    const { url } = await start(0);
    return {
      url,
      simulator: provider.simulator,
      kill: async () => await worker?.kill(),
      restart: async () => void (await start(Number(new URL(url).port))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Types of an artwork's events from the first on, as the timeline has them. */
export async function timelineOf(url: string, artworkId: string): Promise<string[]> {
  const response = await fetch(`${url}/api/artworks/${artworkId}/timeline`);
  const { data } = (await response.json()) as { data: { id: number; type: string }[] };
  return data.map(({ id, type }) => `${id} ${type}`);
}
