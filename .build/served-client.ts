/** `import … from "….ts?served"`: a program and its types, each as the text of one file that others can load. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rolldown } from "rolldown";
import type { Plugin } from "rolldown";
import { isolatedDeclarationSync } from "rolldown/experimental";

const SERVED = "?served";
const NOTICE = "/*! Darkroom's client. Contains eventsource-parser, (c) Espen Hovlandsdal, MIT license. */";
/** Where an entry exports from, and an import of another file. */
const EXPORTED = /^export .*from "(\.\/[^"]+)";$/gm;
const LINKS = /^(?:import|export) [^;]*from "\.\/[^"]+";\n/gm;

async function scriptOf(entry: string): Promise<{ code: string; files: string[] }> {
  const bundle = await rolldown({ input: entry, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm", minify: true, banner: NOTICE });
  await bundle.close();
  return { code: output[0].code, files: await bundle.watchFiles };
}

/** The declarations of the entry and of every file that it exports from, without what ties them together. */
async function typesOf(entry: string): Promise<string> {
  const source = await readFile(entry, "utf8");
  const exported = [...source.matchAll(EXPORTED)].map(([, file = ""]) => join(dirname(entry), file));
  const declarations = [...new Set(exported), entry].map(async (file) => {
    const { code, errors } = isolatedDeclarationSync(basename(file), await readFile(file, "utf8"));
    if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
    return code.replaceAll(LINKS, "").trim();
  });
  return `${(await Promise.all(declarations)).join("\n\n")}\n`;
}

/** For rolldown and for Vite. */
export const servedClient = (): Plugin => ({
  name: "served-client",
  resolveId: {
    order: "pre",
    // By whoever resolves the file itself: Vite also asks for paths that begin at the project.
    async handler(source, importer) {
      if (!source.endsWith(SERVED)) return null;
      const found = await this.resolve(source.slice(0, -SERVED.length), importer, { skipSelf: true });
      return found === null ? null : found.id + SERVED;
    },
  },
  load: {
    order: "pre",
    async handler(id) {
      if (!id.endsWith(SERVED)) return null;
      const entry = id.slice(0, -SERVED.length);
      const [script, types] = await Promise.all([scriptOf(entry), typesOf(entry)]);
      for (const file of script.files) this.addWatchFile(file);
      const code = [
        `export const script = ${JSON.stringify(script.code)};`,
        `export const types = ${JSON.stringify(types)};`,
      ];
      return { code: code.join("\n"), moduleType: "js" };
    },
  },
});
