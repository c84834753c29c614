/** Fails when the Worker's bundle, as `wrangler deploy` would upload it, is larger than promised. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MOST_KIB = 90;

const { stdout } = await promisify(execFile)(
  process.execPath,
  ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run"],
  {
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    timeout: 120_000,
  },
);
const size = Number(/gzip: ([\d.]+) KiB/.exec(stdout)?.[1]);
if (!(size > 0)) throw new Error(`wrangler printed no size:\n${stdout}`);
if (size > MOST_KIB) throw new Error(`The bundle has ${size} KiB gzipped; ${MOST_KIB} are promised.`);
console.log(`Bundle: ${size} KiB gzipped of ${MOST_KIB}.`);
