/**
 * `node src/dev/e2e.ts events redis`: runs suites of test/e2e, of which each starts the real `wrangler dev`.
 * Installs the clients that only these suites need, when they are missing or outdated, and checks the suites' types.
 * Without a suite the command stops there.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = "test/e2e";
/** The lock file of the last installation. */
const INSTALLED = join(FOLDER, "node_modules", ".installed-lock.json");

/** Ends this process when the command fails. */
function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function install(): void {
  const lock = readFileSync(join(FOLDER, "package-lock.json"), "utf8");
  if (readOrNull(INSTALLED) === lock) return;
  run("npm", ["ci", "--prefix", FOLDER, "--no-audit", "--no-fund"]);
  writeFileSync(INSTALLED, lock);
}

install();
run(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", "-p", FOLDER]);
const suites = process.argv.slice(2);
if (suites.length > 0) {
  run(process.execPath, ["--test", ...suites.map((name) => join(FOLDER, `${name}.test.ts`))]);
}
