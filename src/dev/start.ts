/** `npm start`: migrates, starts the simulator and the Worker, and runs the cron every minute. */
import { serveSimulator } from "../simulator/serve.ts";
import { readDevVars, simulatedVars } from "./dev-vars.ts";
import { isFree, migrate, startWorker } from "./worker.ts";

const PORT = Number(process.env["PORT"] ?? 8787);
const MINUTE_MS = 60_000;

/** Said here, before anything starts: wrangler would speak of an option of its own. */
async function checkPort(port: number): Promise<void> {
  if (await isFree(port)) return;
  console.error(`Port ${port} is taken. PORT=${port + 1} npm start takes another one.`);
  process.exit(1);
}

/** What wrangler prints that says nothing: its tables of modules, each request once more, that nobody fires the cron. */
const NOISE =
  /^\s*[┌├│└]|^Your Worker has access|^Binding |^env\.|^\[custom build\]|^\[wrangler:info\] (?:[A-Z]+ |.*header rules)|Scheduled Workers are not/;

const own = readDevVars();
const isReal = ["KIE_API_KEY", "CF_API_TOKEN"].some((name) => (own[name] ?? "") !== "");

/** OpenAI's clients always send a key; a wrong one is refused, also in development. */
const apiKey = own["API_KEY"] || "dev-key";

await checkPort(PORT);
await migrate();
const simulator = isReal ? null : await serveSimulator({ port: 0, apiKeys: ["sim-key"], fetchInputs: true });
const worker = await startWorker({
  port: PORT,
  vars: { ...(simulator === null ? { DEV_MODE: "1" } : simulatedVars(simulator.url)), API_KEY: apiKey },
  onLine: (line) => void (NOISE.test(line) || console.log(line)),
});
// `wrangler dev` knows cron triggers but never fires them.
const cron = setInterval(() => {
  fetch(`${worker.url}/cdn-cgi/local/scheduled`).catch((error: unknown) =>
    console.error("The cron failed.", error),
  );
}, MINUTE_MS);

/** What health says does not work yet, each with what to set. */
const health = (await (await fetch(`${worker.url}/api/health`)).json()) as {
  components: Record<string, { status: string; message?: string }>;
};
for (const [name, { status, message }] of Object.entries(health.components)) {
  if (status !== "ok") console.warn(`${name}: ${message ?? status}`);
}

const provider =
  simulator === null
    ? "the real one, with the keys of .dev.vars. Every image costs credits. No tunnel needed: Darkroom polls."
    : `its simulator at ${simulator.url}. Nothing costs anything.`;
console.log(`
Darkroom runs at ${worker.url}. Its provider is ${provider}

Try it:
  curl -X POST ${worker.url}/api/artworks/generate -H 'Content-Type: application/json' \\
       -H 'Prefer: wait=30' -d '{"prompt":"a lighthouse in a storm"}'
  curl ${worker.url}/api/artworks
  curl ${worker.url}/api/models
  curl ${worker.url}/api/health
This machine needs no key. An OpenAI client takes the base URL ${worker.url}/v1 and ${own["API_KEY"] ? "the API_KEY of .dev.vars" : `the key ${apiKey}`}.
${simulator === null ? "" : "\nA marker in the prompt causes a fault, for example [sim:no-callback]. src/simulator/README.md lists them.\n"}
Ctrl-C ends it.`);

let isEnding = false;
async function end(exitCode = 0): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  clearInterval(cron);
  await worker.stop();
  await simulator?.close();
  process.exit(exitCode);
}
void worker.ended.then(() => {
  if (isEnding) return;
  console.error("The Worker has ended. What it printed last says why.");
  return end(1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());
// The Worker runs in a group of its own: without this it would outlive an npm that was ended alone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void end();
}, 1_000).unref();
