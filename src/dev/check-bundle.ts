/**
 * Fails when what every start of the Worker loads, as `wrangler deploy` would upload it, is larger than promised.
 * Modules that are imported on demand (by `import()`) are listed, and not counted.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const MOST_KIB = 90;
const BUILT = ".wrangler/worker";

const { stdout } = await promisify(execFile)(
  process.execPath,
  ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run"],
  { env: { ...process.env, WRANGLER_SEND_METRICS: "false" }, timeout: 120_000 },
);

const sourceOf = (name: string): string => readFileSync(join(BUILT, name), "utf8");
const kib = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(sourceOf(name)).length, 0) / 1_024;

/** A module and what it imports statically, and so on. */
function withImports(name: string, found: Set<string>): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, imported = ""] of sourceOf(name).matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)) {
    withImports(imported, found);
  }
  return found;
}

const atStart = withImports("index.js", new Set());
const onDemand = readdirSync(BUILT).filter((name) => !name.endsWith(".map") && !atStart.has(name));
const size = kib([...atStart]);
const total = /gzip: [\d.]+ KiB/.exec(stdout)?.[0];
if (total === undefined) throw new Error(`wrangler printed no size:\n${stdout}`);
if (size > MOST_KIB) {
  throw new Error(`A start loads ${size.toFixed(2)} KiB gzipped; at most ${MOST_KIB} are promised.`);
}
console.log(`Bundle: ${size.toFixed(2)} KiB gzipped at start, of ${MOST_KIB}.`);
for (const name of onDemand) console.log(`On demand: ${kib([name]).toFixed(2)} KiB ${name}`);
