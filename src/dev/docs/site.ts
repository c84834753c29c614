/** Where each Markdown page is in the site. */

/** Pages in the order in which people read them; the others follow by path. */
const ORDER = [
  "README.md",
  "src/docs/quickstart.md",
  "src/docs/api.md",
  "src/docs/openai.md",
  "src/docs/models.md",
  "src/docs/configuration.md",
  "src/docs/migrate.md",
  "src/docs/deploy.md",
  "src/docs/operate.md",
  "src/docs/guarantees.md",
  "src/docs/limits.md",
  "src/docs/style.md",
  "src/docs/decisions/README.md",
];

/** The name of a page in the site, without its folder: `src/docs/api.md` is `api.html`, a folder's README its `index.html`. */
export function siteName(path: string): string {
  const name = path.replace(/^src\/docs\//, "").replace(/(?:^|(?<=\/))README\.md$/, "index.md");
  return name.replace(/\.md$/, ".html");
}

/** The way from one page of the site to another file of the site. */
export function relativeTo(from: string, to: string): string {
  const depth = from.split("/").length - 1;
  return "../".repeat(depth) + to;
}

/** The pages of the navigation: single decisions are listed on their own page. */
export function navigation(paths: readonly string[]): readonly string[] {
  const others = paths.filter((path) => !ORDER.includes(path) && !/\/decisions\/\d/.test(path));
  return [...ORDER.filter((path) => paths.includes(path)), ...others];
}
