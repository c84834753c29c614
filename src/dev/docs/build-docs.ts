/** The documents as a small site of HTML pages. */
import { glob, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readPages } from "./pages.ts";
import { imageName, renderPage, titleOf } from "./render.ts";
import { navigation, siteName } from "./site.ts";

type File = string | Uint8Array;

/** In the navigation, a folder's README has the name of its folder. */
const labelOf = (path: string, page: string): string =>
  /^(?:src|test)\/(?!docs\/)/.test(path) ? dirname(path) : titleOf(page);

/** An unchanged file stays untouched, so that a running `wrangler dev` does not reload it. */
async function writeChanged(path: string, content: File): Promise<void> {
  const current = await readFile(path).catch(() => null);
  if (current?.equals(Buffer.from(content)) === true) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Removes what an earlier build wrote and this one did not. */
async function removeOthers(folder: string, names: ReadonlySet<string>): Promise<void> {
  for await (const name of glob("**/*", { cwd: folder })) {
    const path = join(folder, name);
    if (!names.has(name) && (await stat(path)).isFile()) await rm(path);
  }
}

/** Writes every page, its images and the stylesheet into a folder. `index.html` is README.md. */
export async function buildDocs(folder: string): Promise<void> {
  const pages = await readPages();
  const listed = navigation([...pages.keys()]);
  const site = {
    pages,
    navigation: listed.map((path) => ({ path, title: labelOf(path, pages.get(path) ?? "") })),
  };
  const rendered = [...pages.keys()].map((path) => ({ name: siteName(path), ...renderPage(site, path) }));
  const images = [...new Set(rendered.flatMap((page) => page.images))];
  const files = new Map<string, File>([
    ["style.css", await readFile(new URL("style.css", import.meta.url), "utf8")],
    ...rendered.map(({ name, html }) => [name, html] as const),
    ...(await Promise.all(images.map(async (path) => [imageName(path), await readFile(path)] as const))),
  ]);
  await Promise.all([...files].map(([name, content]) => writeChanged(join(folder, name), content)));
  await removeOthers(folder, new Set(files.keys()));
}
