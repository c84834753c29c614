/** `npm run demo`: an artwork of every family, from prompt to checked bytes, live; everything it takes is started and ended. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveSimulator } from "../simulator/serve.ts";
import { checkBytes, follow, request } from "./demo-client.ts";
import type { Artwork, Generation, Model } from "./demo-client.ts";
import { createTable } from "./demo-table.ts";
import type { Row } from "./demo-table.ts";
import { simulatedVars } from "./dev-vars.ts";
import { migrate, startWorker } from "./worker.ts";

const show = (value: number | null): string => (value === null ? "–" : String(value));

function rowOf(name: string, generation: Generation, startedAt: number): Row {
  const [output] = generation.outputs;
  return {
    name,
    status: generation.status,
    progress: generation.progress === null ? "–" : `${Math.round(generation.progress * 100)} %`,
    seconds: ((Date.now() - startedAt) / 1_000).toFixed(1),
    credits: show(generation.credits.used ?? generation.credits.estimated),
    bytes: output === undefined ? "–" : String(output.bytes),
    url: output?.url ?? "",
  };
}

/** The first model of each family makes its own example; answers the artworks in that order. */
async function generateAll(origin: string): Promise<Artwork[]> {
  const { data: models } = await request<{ data: Model[] }>("GET", `${origin}/api/models`);
  const firsts = models.filter(
    (model, index) => models.findIndex(({ family }) => family === model.family) === index,
  );
  const table = createTable(process.stdout);
  const rows = new Map<string, Row>();
  return await Promise.all(
    firsts.map(async (model) => {
      const startedAt = Date.now();
      const artwork = await request<Artwork>("POST", `${origin}/api/artworks/generate`, model.example);
      const generation = await follow(artwork.urls.status, (now) => {
        rows.set(model.id, rowOf(model.id, now, startedAt));
        table.show([...rows.values()]);
      });
      await checkBytes(generation);
      return artwork;
    }),
  );
}

async function regenerate(artwork: Artwork): Promise<void> {
  await request("POST", artwork.urls.regenerate, { outputFormat: "png" });
  const generation = await follow(artwork.urls.status, ({ status }) => console.log(`  ${status}`));
  const { url, contentType, bytes } = await checkBytes(generation);
  console.log(`  ${contentType}, ${bytes} bytes, SHA-256 as promised: ${url}`);
}

const stateDirectory = await mkdtemp(join(tmpdir(), "darkroom-demo-"));
const simulator = await serveSimulator({ port: 0, apiKeys: ["sim-key"], taskMs: 2_000 });
try {
  console.log("Starting the simulator and the Worker …\n");
  await migrate(stateDirectory);
  const worker = await startWorker({ port: 0, vars: simulatedVars(simulator.url), stateDirectory });
  try {
    const artworks = await generateAll(worker.url);
    console.log("\nThe first again, as a PNG:");
    const [first] = artworks;
    if (first === undefined) throw new Error("There are no models.");
    await regenerate(first);
    console.log(
      `\n${artworks.length + 1} generations, ${simulator.simulator.creates()} paid creates, every file checked.`,
    );
    if (simulator.simulator.creates() !== artworks.length + 1)
      throw new Error("A generation was paid twice.");
  } finally {
    await worker.stop();
  }
} finally {
  await simulator.close();
  await rm(stateDirectory, { recursive: true, force: true });
}
process.exit(0);
