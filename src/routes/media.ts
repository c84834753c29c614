import { Hono } from "hono";
import { outputKey } from "../generation/queries.ts";
import type { AppContext, AppEnv } from "../http/context.ts";
import { linksOf } from "../http/context.ts";
import { problem } from "../http/problem.ts";
import { matchesEtag, parseRange, rangeApplies } from "../http/ranges.ts";
import type { ByteRange } from "../http/ranges.ts";
import { SECOND } from "../lib/time.ts";

export const media = new Hono<AppEnv>();

/** A year: what caches take for "for ever". */
const LONGEST_CACHED = 31_536_000;

/** Keys hold unguessable ids, so who has the link may see the file. */
const HEADERS = {
  "Accept-Ranges": "bytes",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** What generations made and what the upstream has to fetch; other prefixes of the bucket are nobody's business. */
const PUBLIC_KEY = /^(artworks\/[\w/.-]{1,200}|uploads\/upl_[0-9a-z]{1,100}\.[a-z]{1,10})$/;

const notFound = (c: AppContext) =>
  problem(c, { code: "not_found", detail: "There is no such file, or it has expired." });

media.get("/media/:key{.+}", (c) => serve(c, c.req.param("key")));
/** A bucket's own domain serves keys at its root, so that a MEDIA_BASE_URL without a path works here too. */
media.get("/artworks/:rest{.+}", (c) => serve(c, `artworks/${c.req.param("rest")}`));
media.get("/uploads/:rest{.+}", (c) => serve(c, `uploads/${c.req.param("rest")}`));

/** By an output's id, or by a key of the bucket. */
media.get("/image/:id{.+}", async (c) => {
  const id = c.req.param("id");
  if (PUBLIC_KEY.test(id)) return await serve(c, id);
  const key = await outputKey(c.var.deps, id);
  return key === null ? notFound(c) : c.redirect(`${linksOf(c).media}/${key}`, 302);
});

async function serve(c: AppContext, key: string): Promise<Response> {
  const object = PUBLIC_KEY.test(key) ? await c.env.MEDIA.head(key) : null;
  if (object === null) return notFound(c);
  const headers = {
    ...HEADERS,
    "Cache-Control": cachingOf(object, c.var.deps.now()),
    ETag: object.httpEtag,
    "Last-Modified": object.uploaded.toUTCString(),
    "Content-Type": object.httpMetadata?.contentType ?? "application/octet-stream",
  };
  if (matchesEtag(c.req.header("If-None-Match") ?? null, object.httpEtag)) return c.body(null, 304, headers);
  const range = requestedRange(c, object);
  if (range === "unsatisfiable") {
    const size = { "Content-Range": `bytes */${object.size}` };
    return problem(c, {
      code: "range_not_satisfiable",
      detail: `The file has ${object.size} bytes.`,
      headers: size,
    });
  }
  return await sendBytes(c, { key, size: object.size, range, headers });
}

/** A key's bytes never change; nobody is to keep them longer than we do. */
function cachingOf({ customMetadata }: R2Object, now: number): string {
  const expiresAt = Number(customMetadata?.["expiresAt"] ?? Infinity);
  const seconds = Math.floor(Math.max(0, expiresAt - now) / SECOND);
  return seconds < LONGEST_CACHED
    ? `public, max-age=${seconds}`
    : `public, max-age=${LONGEST_CACHED}, immutable`;
}

/** A range counts for GET alone, and only for the version of the file that the client has the rest of. */
function requestedRange(c: AppContext, object: R2Object): ReturnType<typeof parseRange> {
  if (c.req.method !== "GET") return null;
  const applies = rangeApplies(c.req.header("If-Range") ?? null, object.httpEtag, object.uploaded);
  return applies ? parseRange(c.req.header("Range") ?? null, object.size) : null;
}

interface Delivery {
  readonly key: string;
  readonly size: number;
  /** Null: all of it. */
  readonly range: ByteRange | null;
  readonly headers: Readonly<Record<string, string>>;
}

async function sendBytes(c: AppContext, { key, size, range, headers }: Delivery): Promise<Response> {
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  const all = {
    ...headers,
    ...(range === null ? {} : { "Content-Range": `bytes ${start}-${end}/${size}` }),
    "Content-Length": String(length),
  };
  const status = range === null ? 200 : 206;
  if (c.req.method === "HEAD") return new Response(null, { status, headers: all });
  const found = await c.env.MEDIA.get(key, range === null ? {} : { range: { offset: start, length } });
  return found === null ? notFound(c) : new Response(found.body, { status, headers: all });
}
