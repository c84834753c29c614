/**
 * `npm run graph`: prints the rooms of `src` with their share of its lines, every circle of imports (of types, too) and
 * every import that the table `settings.layers` in `.oxlintrc.json` forbids. Exits with 1 when there is any.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { mayImport, roomOf } from "./layers.ts";
import type { Layers } from "./layers.ts";

/** Imports of other files; `package.json` is none of ours to place. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"'?]+\.ts)/g;

interface Config {
  readonly settings: { readonly layers: Layers };
}

const layers = (JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as Config).settings.layers;
const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));
const sources = new Map(files.map((file) => [file, readFileSync(join("src", file), "utf8")]));
const imports = new Map(
  files.map((file) => [
    file,
    [...(sources.get(file) ?? "").matchAll(IMPORT)].map(([, specifier = ""]) =>
      posix.normalize(posix.join(dirname(file), specifier)),
    ),
  ]),
);

/** Groups of files that reach each other (Tarjan's algorithm), those of one file left out. */
function circles(): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) ?? 0);
    stack.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group);
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return found;
}

const forbidden = [...imports].flatMap(([file, targets]) =>
  targets.filter((target) => !mayImport(layers, file, target)).map((target) => `${file} → ${target}`),
);
const lines = new Map<string, number>();
for (const [file, source] of sources) {
  const room = roomOf(layers, file) ?? "(no room)";
  lines.set(room, (lines.get(room) ?? 0) + source.split("\n").length - 1);
}
const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
for (const [room, count] of [...lines].toSorted(([, one], [, other]) => other - one)) {
  console.log(
    `${String(count).padStart(6)} lines ${((100 * count) / total).toFixed(1).padStart(5)} %  ${room}`,
  );
}
const groups = circles();
for (const group of groups) console.log(`circle: ${group.join(" ")}`);
for (const edge of forbidden) console.log(`upward: ${edge}`);
const edges = [...imports.values()].reduce((sum, targets) => sum + targets.length, 0);
console.log(
  `${files.length} files, ${edges} imports, ${groups.length} circles, ${forbidden.length} upward imports.`,
);
process.exitCode = groups.length + forbidden.length === 0 ? 0 : 1;
