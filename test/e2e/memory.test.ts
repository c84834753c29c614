/** `npm run test:memory`: a video ten times as long takes no more memory on its way into the bucket. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { serveSimulator } from "../../src/simulator/serve.ts";
import { simulatedVars } from "../../src/dev/dev-vars.ts";
import { canReadMemory, descendants, residentMib, watchPeak } from "./process-memory.ts";
import { migrate, startWorker } from "../../src/dev/worker.ts";

const MOST_DIFFERENCE_MIB = 30;
/** Warms the heap up with a video: buffers, compiled code and rarely collected objects. */
const WARM_UP_MIB = 40;
const TIME_LIMIT_MS = 120_000;
const MEBIBYTE = 1024 * 1024;

interface Generation {
  readonly status: string;
  readonly terminal: boolean;
  readonly error: unknown;
  readonly outputs: readonly { readonly bytes: number; readonly url: string }[];
}

interface Measured {
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

/** Makes and stores a video of this many MiB. */
async function storeVideo(url: string, mebibytes: number): Promise<void> {
  const response = await fetch(`${url}/api/artworks/generate`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model: "veo3", prompt: `a river [sim:link-huge=${mebibytes}]` }),
  });
  const artwork = (await response.json()) as { readonly urls: { readonly status: string } };
  const giveUpAt = Date.now() + TIME_LIMIT_MS;
  for (;;) {
    const generation = (await (await fetch(`${artwork.urls.status}?wait=10`)).json()) as Generation;
    if (generation.terminal) {
      assert.equal(generation.status, "completed", JSON.stringify(generation.error));
      assert.equal(generation.outputs[0]?.bytes, mebibytes * MEBIBYTE);
      return;
    }
    assert.ok(Date.now() < giveUpAt, `the video of ${mebibytes} MiB is still ${generation.status}`);
  }
}

/** The memory of a new Worker for a video of this many MiB, after a warm-up. */
async function measure(mebibytes: number): Promise<Measured> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-memory-"));
  const simulator = await serveSimulator({ port: 0, apiKeys: ["sim-key"], taskMs: 500 });
  try {
    await migrate(stateDirectory);
    const worker = await startWorker({ port: 0, vars: simulatedVars(simulator.url), stateDirectory });
    try {
      // Two: wrangler's own, and one with the Worker and the simulated storage.
      const workerd = descendants(worker.pid, "workerd");
      assert.ok(workerd.length > 0, "wrangler has no child named workerd");
      await storeVideo(worker.url, WARM_UP_MIB);
      const before = residentMib(workerd);
      const watch = watchPeak(workerd);
      await storeVideo(worker.url, mebibytes);
      return { before, peak: watch.stop(), after: residentMib(workerd) };
    } finally {
      await worker.stop();
    }
  } finally {
    await simulator.close();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

const show = (mebibytes: number, { before, peak, after }: Measured): string =>
  `${String(mebibytes).padStart(4)} MiB video: workerd had ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} at its peak, ${after.toFixed(0)} after`;

void it("stores a video of 200 MiB with the memory of a video of 20 MiB", async (test) => {
  if (!canReadMemory()) {
    console.warn("NOT MEASURED: this system has no /proc to read another process's memory.");
    return test.skip("no /proc");
  }
  const small = await measure(20);
  console.log(show(20, small));
  const large = await measure(200);
  console.log(show(200, large));
  assert.ok(large.peak - small.peak <= MOST_DIFFERENCE_MIB, "the peak grows with the video");
  assert.ok(large.after - small.after <= MOST_DIFFERENCE_MIB, "what is left grows with the video");
});
