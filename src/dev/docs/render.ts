/** One Markdown page as an HTML page. */
import { Marked } from "marked";
import { createAnchors } from "./headings.ts";
import { resolveLink } from "./links.ts";
import { relativeTo, siteName } from "./site.ts";

/** A page of the navigation. */
export interface Entry {
  readonly path: string;
  readonly title: string;
}

export interface Site {
  readonly pages: ReadonlyMap<string, string>;
  readonly navigation: readonly Entry[];
}

export const imageName = (path: string): string => `images/${path.replaceAll("/", "-")}`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The title of a page: its first heading. */
export const titleOf = (page: string): string =>
  /^# (.+)$/m.exec(page)?.[1]?.replaceAll("`", "") ?? "Darkroom";

/** The address of a link; null for a file that is not a page. */
function addressOf(site: Site, from: string, href: string): string | null {
  const link = resolveLink(from, href);
  if (link === null) return href;
  const page = [link.path, `${link.path}/README.md`, link.path === "." ? "README.md" : ""].find((path) =>
    site.pages.has(path),
  );
  if (page === undefined) return null;
  const anchor = link.anchor === "" ? "" : `#${link.anchor}`;
  return relativeTo(siteName(from), siteName(page)) + anchor;
}

interface Body {
  readonly html: string;
  /** Paths of the images that the page shows. */
  readonly images: readonly string[];
}

/** The text of a page as HTML. */
function renderBody(site: Site, path: string): Body {
  const images: string[] = [];
  const anchorOf = createAnchors();
  const imageAddress = (href: string): string => {
    const link = resolveLink(path, href);
    if (link === null) return href;
    images.push(link.path);
    return relativeTo(siteName(path), imageName(link.path));
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const address = addressOf(site, path, href);
        if (address !== null) return `<a href="${escape(address)}">${text}</a>`;
        return text.startsWith("<code>") ? text : `<code>${text}</code>`;
      },
      image({ href, text }) {
        return `<img src="${escape(imageAddress(href))}" alt="${escape(text)}">`;
      },
      html({ text }) {
        return text.replaceAll(/\bsrc="([^"]+)"/g, (_, href: string) => `src="${imageAddress(href)}"`);
      },
    },
  });
  const html = marked.parse(site.pages.get(path) ?? "", { async: false });
  return { html, images };
}

function navigationOf({ navigation }: Site, current: string): string {
  const from = siteName(current);
  const items = navigation.map(({ path, title }) => {
    const mark = path === current ? ' aria-current="page"' : "";
    return `<li><a href="${relativeTo(from, siteName(path))}"${mark}>${escape(title)}</a></li>`;
  });
  return `<nav aria-label="Documents"><ul>\n${items.join("\n")}\n</ul></nav>`;
}

/** A whole page, readable without JavaScript. */
export function renderPage(site: Site, path: string): Body {
  const { html, images } = renderBody(site, path);
  const title = titleOf(site.pages.get(path) ?? "");
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title === "Darkroom" ? title : `${title} – Darkroom`)}</title>
<link rel="stylesheet" href="${relativeTo(siteName(path), "style.css")}">
</head>
<body>
${navigationOf(site, path)}
<main>
${html}</main>
</body>
</html>
`;
  return { html: page, images };
}
