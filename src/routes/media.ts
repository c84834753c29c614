import { Hono } from "hono";
import { outputKey } from "../generation/queries.ts";
import type { AppContext, AppEnv } from "../http/context.ts";
import { linksOf } from "../http/context.ts";
import { problem } from "../http/problem.ts";
import { storedFile } from "../http/stored-file.ts";

export const media = new Hono<AppEnv>();

/** Keys hold unguessable ids, so who has the link may see the file; and a key's bytes never change. */
const HEADERS = {
  "Cache-Control": "public, max-age=31536000, immutable",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** What generations made and what the upstream has to fetch; other prefixes of the bucket are nobody's business. */
const PUBLIC_KEY = /^(artworks\/[\w/.-]{1,200}|uploads\/upl_[0-9a-z]{1,100}\.[a-z]{1,10})$/;

const notFound = (c: AppContext) => problem(c, { code: "not_found", detail: "There is no such file." });

media.get("/media/:key{.+}", (c) => serve(c, c.req.param("key")));
/** A bucket's own domain serves keys at its root, so that a MEDIA_BASE_URL without a path works here too. */
media.get("/artworks/:rest{.+}", (c) => serve(c, `artworks/${c.req.param("rest")}`));
media.get("/uploads/:rest{.+}", (c) => serve(c, `uploads/${c.req.param("rest")}`));

media.get("/image/:id", async (c) => {
  const key = await outputKey(c.var.deps, c.req.param("id"));
  return key === null ? notFound(c) : c.redirect(`${linksOf(c).media}/${key}`, 302);
});

async function serve(c: AppContext, key: string): Promise<Response> {
  const file = PUBLIC_KEY.test(key) ? await storedFile(c, key, HEADERS) : null;
  return file ?? notFound(c);
}
