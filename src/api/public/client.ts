import { etag } from "hono/etag";
import { script, types } from "../../client/index.ts?served";
import { routesAt } from "../../http/on-demand.ts";
import type { AppContext } from "../../http/context.ts";

/** The JavaScript client of this API: one file for browsers and Node, and its types. */
export const clientFiles = routesAt("/");

/** Short, with an ETag: the client matches the API that serves it. */
const CACHED = "public, max-age=300, stale-while-revalidate=86400";

const answer = (c: AppContext, text: string, type: string): Response =>
  c.body(text, 200, {
    "Content-Type": `${type}; charset=utf-8`,
    "Cache-Control": CACHED,
    "X-Content-Type-Options": "nosniff",
  });

clientFiles.use(etag());
clientFiles.get("/client.js", (c) => answer(c, script, "text/javascript"));
clientFiles.get("/client.d.ts", (c) => answer(c, types, "text/plain"));
