/** Checks that relative links and anchors lead to files and headings. */
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { marked } from "marked";
import { anchorsOf } from "./headings.ts";

const IS_ELSEWHERE = /^(?:[a-z][a-z\d+.-]*:|\/)/i;
const HTML_LINK = /\b(?:href|src)="([^"]+)"/g;

/** A relative link: the path of its file from the repository's folder, and its anchor. Null for other links. */
export function resolveLink(from: string, href: string): { path: string; anchor: string } | null {
  if (IS_ELSEWHERE.test(href)) return null;
  const [path = "", anchor = ""] = href.split("#");
  const target = path === "" ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  return { path: target.replace(/(?<=.)\/$/, ""), anchor };
}

function linksOf(page: string): string[] {
  const links: string[] = [];
  void marked.walkTokens(marked.lexer(page), (token) => {
    if (token.type === "link" || token.type === "image") links.push(String(token["href"]));
    if (token.type === "html") links.push(...[...token.raw.matchAll(HTML_LINK)].map(([, href = ""]) => href));
  });
  return links;
}

/** One line for each link that leads nowhere. */
export function brokenLinks(pages: ReadonlyMap<string, string>): string[] {
  const isBroken = (from: string, href: string): boolean => {
    const link = resolveLink(from, href);
    if (link === null) return false;
    if (link.path.startsWith("..") || !existsSync(link.path)) return true;
    const target = pages.get(link.path) ?? pages.get(`${link.path}/README.md`);
    return link.anchor !== "" && target !== undefined && !anchorsOf(target).has(link.anchor);
  };
  return [...pages].flatMap(([path, page]) =>
    linksOf(page)
      .filter((href) => isBroken(path, href))
      .map((href) => `${path}: the link ${href} leads nowhere.`),
  );
}
