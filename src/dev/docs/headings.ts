/** Headings and their anchors, as GitHub makes them. */
import { marked } from "marked";
import type { Token, Tokens } from "marked";

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/<[^>]*>/g, "")
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

/** Returns a function that gives each heading of one page an anchor of its own. */
export function createAnchors(): (text: string) => string {
  const used = new Map<string, number>();
  return (text) => {
    const base = slug(text);
    const count = used.get(base) ?? 0;
    used.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  };
}

const isHeading = (token: Token): token is Tokens.Heading => token.type === "heading";

/** The anchors of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchorOf = createAnchors();
  const headings = marked.lexer(page).filter(isHeading);
  return new Set(headings.map(({ text }) => anchorOf(text)));
}
