/**
 * Fails when the linter lets through another import than README's table names, or stops one that it names: lints one file
 * of each part of `src` that imports from all of them.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const OXLINT = resolve("node_modules/oxlint/bin/oxlint");
const ROW = /^\| +((?:`[a-z.]+`(?:, )?)+) +\| (–|(?:`[a-z-]+(?:\.ts)?`(?:, )?)+) +\|$/gm;

const namesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** By part of `src`, a folder or a file, the parts that it may import. */
async function readTable(): Promise<Map<string, readonly string[]>> {
  const [, section = ""] = (await readFile("README.md", "utf8")).split("| in `src/`");
  const [table = ""] = section.split("\n\n");
  const rows = [...table.matchAll(ROW)];
  return new Map(
    rows.flatMap(([, parts = "", imports = ""]) => namesIn(parts).map((part) => [part, namesIn(imports)])),
  );
}

const isFile = (part: string): boolean => part.endsWith(".ts");

/** What a part is imported by from a file in `src`, which is one step `up` or none. */
function specifier(target: string, up: string): string {
  if (target === "drizzle-orm") return target;
  if (target === "test") return `${up}../test/harness.ts`;
  return `${up}${target}${isFile(target) ? "" : "/some.ts"}`;
}

/** By part, those of `targets` that the linter lets it import. */
async function allowedByLinter(parts: readonly string[], targets: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), "darkroom-imports-"));
  try {
    const config = JSON.parse(await readFile(".oxlintrc.json", "utf8")) as { options: object };
    const untyped = { ...config, options: { ...config.options, typeAware: false } };
    await writeFile(join(directory, ".oxlintrc.json"), JSON.stringify(untyped));
    for (const part of parts) {
      const file = join(directory, "src", isFile(part) ? part : `${part}/probe.ts`);
      const lines = targets.map((target) => `import "${specifier(target, isFile(part) ? "./" : "../")}";\n`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, lines.join(""));
    }
    const stopped = await restrictedLines(directory);
    return new Map(
      parts.map((part) => {
        const file = isFile(part) ? `src/${part}` : `src/${part}/probe.ts`;
        return [part, targets.filter((_, index) => !stopped.has(`${file}:${index + 1}`))];
      }),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** `file:line` of each import that is not allowed. */
async function restrictedLines(directory: string): Promise<Set<string>> {
  const printed = await new Promise<string>((done) => {
    execFile(process.execPath, [OXLINT, "--format", "json"], { cwd: directory }, (_error, stdout) =>
      done(stdout),
    );
  });
  const { diagnostics } = JSON.parse(printed) as { diagnostics: Diagnostic[] };
  const restricted = diagnostics.filter(({ code }) => code.includes("no-restricted-imports"));
  return new Set(restricted.map(({ filename, labels: [label] }) => `${filename}:${label?.span.line}`));
}

const table = await readTable();
const parts = [...table.keys()];
const targets = [...parts, "drizzle-orm", "test"];
const linted = await allowedByLinter(parts, targets);
const told = (names: Iterable<string> = []): string => [...names].toSorted().join(", ") || "nothing";
const wrong = parts.flatMap((part) => {
  const [promised, enforced] = [table, linted].map((by) =>
    told((by.get(part) ?? []).filter((target) => target !== part)),
  );
  return promised === enforced
    ? []
    : [`${part} may import ${promised} by README, ${enforced} by the linter.`];
});
const untold = (await readdir("src")).filter((part) => !parts.includes(part));
wrong.push(...untold.map((part) => `README's table does not say what ${part} may import.`));
if (wrong.length > 0) throw new Error(wrong.join("\n"));
console.log(`Imports: ${parts.length} parts of src, each as README says.`);
