/** The types of `src/client` as one declaration file. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const TSC = "node_modules/typescript/bin/tsc";
const CLIENT = "src/client";
/** An export of another file by the entry. */
const EXPORTED = /^export .*from "\.\/([^"]+)\.ts";$/gm;
/** Imports and exports between the files, which one file does not need. */
const LINKS = /^(?:import|export) [^;]*from "\.\/[^"]+";\n/gm;

/** Returns the declarations of every file that `src/client/index.ts` exports from, then its own. `npm run check` checks the types. */
export async function clientTypes(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "darkroom-types-"));
  try {
    await promisify(execFile)(process.execPath, [TSC, "-p", CLIENT, "--noCheck", "--outDir", directory]);
    const entry = await readFile(join(CLIENT, "index.ts"), "utf8");
    const names = new Set([...entry.matchAll(EXPORTED)].map(([, name = ""]) => name));
    const files = await Promise.all(
      [...names, "index"].map((name) => readFile(join(directory, `${name}.d.ts`), "utf8")),
    );
    return `${files.map((code) => code.replaceAll(LINKS, "").trim()).join("\n\n")}\n`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
