/** The Markdown pages of the repository. */
import { glob, readFile } from "node:fs/promises";

/** Every page by its path, sorted. */
export async function readPages(): Promise<ReadonlyMap<string, string>> {
  const paths = await Array.fromAsync(glob(["README.md", "{src,test}/**/*.md"]));
  const own = paths.filter((path) => !path.includes("node_modules"));
  const sorted = own.map((path) => path.replaceAll("\\", "/")).toSorted();
  const entries = sorted.map(async (path) => [path, await readFile(path, "utf8")] as const);
  return new Map(await Promise.all(entries));
}
