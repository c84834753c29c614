/** `npm run demo`: one artwork from prompt to checked bytes, and again, with everything that takes started and ended. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveSimulator } from "../simulator/serve.ts";
import { simulatedVars } from "./dev-vars.ts";
import { migrate, startWorker } from "./worker.ts";

interface Output {
  readonly url: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}
interface Generation {
  readonly number: number;
  readonly status: string;
  readonly terminal: boolean;
  readonly error: { readonly message: string } | null;
  readonly outputs: readonly Output[];
}
interface Artwork {
  readonly id: string;
  readonly urls: { readonly status: string; readonly regenerate: string };
}

const PATIENCE_MS = 60_000;

async function request<Body>(method: string, url: string, body?: unknown): Promise<Body> {
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Follows a generation by long polling, printing each status as it comes. */
async function follow(statusUrl: string): Promise<Generation> {
  const startedAt = Date.now();
  let known = '"nothing yet"';
  for (;;) {
    const response = await fetch(`${statusUrl}?wait=10`, { headers: { "If-None-Match": known } });
    if (response.status === 200) {
      const generation = (await response.json()) as Generation;
      console.log(`  ${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${generation.status}`);
      if (generation.terminal) return generation;
      known = response.headers.get("ETag") ?? "";
    }
    if (Date.now() - startedAt > PATIENCE_MS) throw new Error("It took too long.");
  }
}

/** Downloads what was stored and compares it with what the API says of it. */
async function checkBytes(generation: Generation): Promise<void> {
  const [output] = generation.outputs;
  if (generation.status !== "completed" || output === undefined) {
    throw new Error(
      `The generation is ${generation.status}: ${generation.error?.message ?? "no reason given"}`,
    );
  }
  const bytes = Buffer.from(await (await fetch(output.url)).arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (bytes.length !== output.bytes || sha256 !== output.sha256)
    throw new Error("The bytes are not those that were promised.");
  console.log(`  ${output.url}`);
  console.log(
    `  ${output.contentType}, ${output.width}×${output.height}, ${output.bytes} bytes, SHA-256 as promised`,
  );
}

const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-demo-"));
const simulator = await serveSimulator({ port: 0, apiKeys: ["sim-key"], taskMs: 2_000 });
try {
  console.log("Starting the simulator of the upstream and the Worker …");
  await migrate(stateDirectory);
  const worker = await startWorker({ port: 0, vars: simulatedVars(simulator.url), stateDirectory });
  try {
    console.log("\nGenerate: a lighthouse in a storm");
    const prompt = "a lighthouse in a storm, oil on canvas";
    const artwork = await request<Artwork>("POST", `${worker.url}/api/artworks/generate`, { prompt });
    await checkBytes(await follow(artwork.urls.status));
    console.log("\nRegenerate: the same, as a PNG");
    await request("POST", artwork.urls.regenerate, { outputFormat: "png" });
    await checkBytes(await follow(artwork.urls.status));
    console.log(
      `\n${simulator.simulator.creates()} generations, ${simulator.simulator.creates()} paid creates.`,
    );
  } finally {
    await worker.stop();
  }
} finally {
  await simulator.close();
  await rm(stateDirectory, { recursive: true, force: true });
}
process.exit(0);
