/** `npm run docs` writes the generated documents. With `--check` it fails when one differs or a link leads nowhere. */
import { writeFile } from "node:fs/promises";
import { configurationPage } from "./configuration.ts";
import { brokenLinks } from "./links.ts";
import { modelsPage } from "./models.ts";
import { readPages } from "./pages.ts";
import { fillSections, sectionProblems } from "./sections.ts";

const current = await readPages();
const filled = [...current].map(([path, text]) => [path, fillSections(text)] as const);
const wanted = new Map([
  ...filled,
  ["src/docs/models.md", modelsPage()],
  ["src/docs/configuration.md", configurationPage()],
]);
const changed = [...wanted].filter(([path, text]) => current.get(path) !== text);

if (process.argv.includes("--check")) {
  const stale = changed.map(([path]) => `${path}: not up to date. Run npm run docs.`);
  const problems = [...stale, ...sectionProblems(current), ...brokenLinks(wanted)];
  for (const problem of problems) console.error(problem);
  console.log(`Documents: ${wanted.size} pages, ${problems.length} problems.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  await Promise.all(changed.map(([path, text]) => writeFile(path, text)));
  console.log(`Documents: ${wanted.size} pages, ${changed.length} written.`);
}
