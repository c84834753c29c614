import * as z from "zod/mini";

/**
 * Lists of links by their names on the wire, best first. The second spelling is that of older answers. Sora's
 * watermarked copies count only where there is nothing else.
 */
const LISTS = ["resultUrls", "result_urls", "resultWaterMarkUrls"] as const;

const Links = z.looseObject({});

/**
 * The links in a result object, which comes as an object, as JSON text of one, as "" or null until there is
 * one, or not at all. Anything that is no text is dropped; the caller reports a success without links.
 */
export function resultUrls(value: unknown): string[] {
  const links = Links.safeParse(parsed(value));
  if (!links.success) return [];
  const lists = LISTS.map((name) => linksIn(links.data[name]));
  return lists.find((list) => list.length > 0) ?? [];
}

/** A list, or JSON text of one. */
function linksIn(value: unknown): string[] {
  const list = parsed(value);
  return Array.isArray(list)
    ? list.filter((link): link is string => typeof link === "string" && link !== "")
    : [];
}

/** A bare JSON.parse throws on the "" that stands there until success. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return null;
  }
}
