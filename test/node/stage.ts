/** The real Worker with its simulated upstream, behind a proxy that cuts connections. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "../simulator/simulator.ts";
import { serveSimulator } from "../simulator/serve.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import { simulatedVars } from "./dev-vars.ts";
import { migrate, startWorker } from "./worker.ts";

export interface Stage {
  /** Of the Worker itself. */
  readonly url: string;
  readonly proxy: CuttingProxy;
  readonly simulator: Simulator;
  readonly close: () => Promise<void>;
}

export async function startStage(taskMs: number): Promise<Stage> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-stage-"));
  const { simulator, url, close } = await serveSimulator({ port: 0, apiKeys: ["sim-key"], taskMs });
  await migrate(stateDirectory);
  const worker = await startWorker({ port: 0, vars: simulatedVars(url), stateDirectory });
  const proxy = await startCuttingProxy(worker.url);
  return {
    url: worker.url,
    proxy,
    simulator,
    close: async () => {
      await proxy.close();
      await worker.stop();
      await close();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** Types of an artwork's events from the first on, as the timeline has them. */
export async function timelineOf(url: string, artworkId: string): Promise<string[]> {
  const response = await fetch(`${url}/api/artworks/${artworkId}/timeline`);
  const { data } = (await response.json()) as { data: { id: number; type: string }[] };
  return data.map(({ id, type }) => `${id} ${type}`);
}
