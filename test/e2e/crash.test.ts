/**
 * Kills the real Worker under the real `wrangler dev` repeatedly with `kill -9` while it makes images, and compares it with the
 * provider's own record of its requests. DARKROOM_SEED repeats the same moments.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { serveSimulator } from "../../src/simulator/serve.ts";
import { forgeCallback, post, readArtworks, untilQuiet } from "./crash-client.ts";
import { problemsOf, summaryOf } from "./crash-invariants.ts";
import { simulatedVars } from "../../src/dev/dev-vars.ts";
import { migrate, startWorker } from "../../src/dev/worker.ts";
import type { Worker } from "../../src/dev/worker.ts";

const CRASHES = 12;
/** A dead Worker accepts no posts, so the test sends more than the required generations. */
const POSTS_PER_CRASH = 10;
const LEAST_GENERATIONS = 50;
const SCENARIOS = [
  "",
  "",
  "[sim:create-drop]",
  "[sim:create-500-after-accept]",
  "[sim:create-hang]",
  "[sim:create-drop] [sim:no-callback]",
  "[sim:no-callback]",
  "[sim:callback-twice]",
  "[sim:callback-early]",
  "[sim:callback-out-of-order]",
  "[sim:link-404=1]",
  "[sim:link-500=1] [sim:link-chunked]",
  "[sim:link-slow=3]",
  "[sim:link-slow=3] [sim:link-chunked] [sim:no-callback]",
  "[sim:link-expired]",
  "[sim:slow=8]",
  "[sim:slow=20] [sim:no-callback]",
  "[sim:create-455=1]",
  "[sim:fail-400]",
  "[sim:link-html]",
];
/** Long enough for every job except those with an unknown outcome. */
const DEADLINE_SECONDS = 75;
const LONGEST_RUN_MS = 3_000;
const QUIET_WITHIN_MS = 150_000;
/** Each restart of wrangler takes half a minute on a busy machine. */
const ENOUGH_MS = 720_000;

const seed = Number(process.env["DARKROOM_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const draw = (most: number): number => Math.floor(random() * most);

/** The same numbers from 0 to below 1 for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const providerCalls = ({ tasks, refused }: Simulator): number =>
  tasks.length + refused.length + tasks.reduce((sum, task) => sum + task.readsOfStatus, 0);

/**
 * Resolves during work: while requests arrive, or a random number of provider calls from now and a moment
 * later, or when the calls stop.
 */
async function untilWorking(simulator: Simulator): Promise<void> {
  if (draw(3) === 0) return await sleep(draw(60));
  const enough = providerCalls(simulator) + 1 + draw(12);
  const giveUpAt = Date.now() + LONGEST_RUN_MS;
  while (providerCalls(simulator) < enough && Date.now() < giveUpAt) await sleep(5);
  await sleep(draw(150));
}

let running: Worker | null = null;
after(() => running?.kill());

void test(
  `${CRASHES} times kill -9: every generation ends truthfully, is paid once, and has the provider's bytes`,
  { timeout: ENOUGH_MS },
  async () => {
    console.log(`seed ${seed}`);
    const startedAt = Date.now();
    const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-crash-"));
    const {
      simulator,
      url: provider,
      close,
    } = await serveSimulator({
      port: 0,
      apiKeys: ["sim-key"],
      taskMs: 2_000,
    });
    const accepted: string[] = [];
    const answers: number[] = [];
    try {
      await migrate(stateDirectory);
      let port = 0;
      const start = async (): Promise<Worker> => {
        const worker = await startWorker({ port, vars: simulatedVars(provider), stateDirectory });
        port = Number(new URL(worker.url).port);
        running = worker;
        return worker;
      };
      for (let crash = 0; crash < CRASHES; crash += 1) {
        const worker = await start();
        const prompts = Array.from({ length: POSTS_PER_CRASH }, (_, index) => {
          const number = crash * POSTS_PER_CRASH + index;
          return `fox ${number} ${SCENARIOS[number % SCENARIOS.length]}`.trim();
        });
        const posting = Promise.all(prompts.map((prompt) => post(worker.url, prompt, DEADLINE_SECONDS)));
        const forging = forgeCallback(worker.url, simulator.tasks.at(-1));
        await untilWorking(simulator);
        await worker.kill();
        accepted.push(...(await posting).filter((id) => id !== null));
        answers.push(...(await forging));
      }
      const worker = await start();
      const missing = LEAST_GENERATIONS - (await readArtworks(worker.url)).length;
      for (let number = 0; number < missing; number += 1) {
        const id = await post(worker.url, `fox of the last run ${number}`, DEADLINE_SECONDS);
        if (id !== null) accepted.push(id);
      }
      await untilQuiet(worker.url, simulator, QUIET_WITHIN_MS);
      const artworks = await readArtworks(worker.url);
      const problems = problemsOf(artworks, simulator, accepted);
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      console.log(summaryOf(artworks, simulator, { crashes: CRASHES, accepted, problems, seconds, seed }));
      assert.deepEqual(problems, []);
      assert.ok(artworks.length >= LEAST_GENERATIONS, `only ${artworks.length} generations were recorded`);
      assert.deepEqual(
        answers.filter((status) => status !== 404),
        [],
      );
    } finally {
      await running?.kill();
      await close();
      await rm(stateDirectory, { recursive: true, force: true });
    }
  },
);
