import { Hono } from "hono";
import { outputKey } from "../../domain/generations/queries.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { linksOf } from "../../http/context.ts";
import { problem } from "../../http/dialect.ts";
import { storedFile } from "../../http/stored-file.ts";
import { SECOND } from "../../lib/time.ts";

export const media = new Hono<AppEnv>();

/** A year, which caches treat as unlimited. */
const LONGEST_CACHED = 31_536_000;

/** Keys contain unguessable ids, so a link is enough to read the file. */
const headersOf = (c: AppContext) => (object: R2Object) => ({
  "Cache-Control": cachingOf(object, c.var.deps.now()),
  "Cross-Origin-Resource-Policy": "cross-origin",
});

/** The bytes of a key never change. No cache may keep them beyond their expiry. */
function cachingOf({ customMetadata }: R2Object, now: number): string {
  const expiresAt = Number(customMetadata?.["expiresAt"] ?? Infinity);
  const seconds = Math.floor(Math.max(0, expiresAt - now) / SECOND);
  return seconds < LONGEST_CACHED
    ? `public, max-age=${seconds}`
    : `public, max-age=${LONGEST_CACHED}, immutable`;
}

/** Results, and inputs that the provider fetches. Other prefixes of the bucket are private. */
const PUBLIC_KEY = /^(artworks\/[\w/.-]{1,200}|uploads\/upl_[0-9a-z]{1,100}\.[a-z]{1,10})$/;

const notFound = (c: AppContext) => problem(c, { code: "not_found", detail: "File not found or expired." });

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
  const file = PUBLIC_KEY.test(key) ? await storedFile(c, key, headersOf(c)) : null;
  return file ?? notFound(c);
}
