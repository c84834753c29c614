/**
 * Three hundred requests at full speed to the real Worker under the real `wrangler dev`, with its real Durable Objects, against
 * a provider with every limit that it documents.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serveSimulator } from "../../src/simulator/serve.ts";
import type { SimulatedTask } from "../../src/simulator/simulator.ts";
import { post, readStatuses } from "./crash-client.ts";
import { simulatedVars } from "../../src/dev/dev-vars.ts";
import { migrate, startWorker } from "../../src/dev/worker.ts";

const BURST = 300;
/** Simultaneous requests: a development server answers no more of them in time. */
const AT_ONCE = 12;
/** Twenty starts in eleven seconds; the rest is for a busy machine. */
const ENOUGH_MS = 420_000;
/** Long enough that dozens of jobs run at the same time. */
const TASK_MS = 20_000;

/** The largest number of creates in any ten seconds. */
function busiestWindow(tasks: readonly SimulatedTask[]): number {
  const starts = tasks.map((task) => task.createdAt);
  return Math.max(...starts.map((start) => starts.filter((at) => at >= start && at < start + 10_000).length));
}

void test(
  `a burst of ${BURST} on one key completes with at most one refusal`,
  { timeout: ENOUGH_MS + 90_000 },
  async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-burst-"));
    const { simulator, url, close } = await serveSimulator({
      port: 0,
      apiKeys: ["sim-key"],
      taskMs: TASK_MS,
    });
    await migrate(stateDirectory);
    const worker = await startWorker({ port: 0, vars: simulatedVars(url), stateDirectory });
    const startedAt = Date.now();
    try {
      const accepted: string[] = [];
      const numbers = Array.from({ length: BURST }, (_, number) => number);
      const sendNext = async (): Promise<void> => {
        for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
          const id = await post(worker.url, `fox ${number}`, 3_600);
          if (id !== null) accepted.push(id);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
      assert.equal(accepted.length, BURST);
      let statuses = await readStatuses(worker.url);
      while (statuses.some(({ terminal }) => !terminal) && Date.now() < startedAt + ENOUGH_MS) {
        await sleep(3_000);
        statuses = await readStatuses(worker.url);
      }
      const completed = statuses.filter(({ status }) => status === "completed").length;
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      const reads = simulator.tasks.reduce((sum, task) => sum + task.readsOfStatus, 0);
      console.log(
        `burst ${BURST}, completed ${completed}, creates ${simulator.creates()}, refused creates ${simulator.refused.length}, ` +
          `most creates in 10 s ${busiestWindow(simulator.tasks)}, status reads ${reads}, of these refused ${simulator.refusedReads()}; ${seconds} s`,
      );
      assert.equal(completed, BURST);
      assert.equal(simulator.creates(), BURST);
      // One: a busy machine may delay a call into the next window. After its refusal the slots pause.
      assert.ok(simulator.refused.length <= 1, `${simulator.refused.length} creates were refused`);
      assert.ok(busiestWindow(simulator.tasks) <= 20);
    } finally {
      await worker.kill();
      await close();
      await rm(stateDirectory, { recursive: true, force: true });
    }
  },
);
