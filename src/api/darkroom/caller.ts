import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../../http/context.ts";
import { checkCredentials, credentialProblem } from "../../http/credentials.ts";
import { problem } from "../../http/dialect.ts";
import { ARTWORK } from "../../http/paths.ts";
import { ownerOfLink } from "./stream-links.ts";

/** Streams for readers that cannot set headers: a link's token opens them. */
export const STREAMS = [
  `/api/artworks${ARTWORK}/events`,
  `/api/artworks${ARTWORK}/ws`,
  "/api/events",
  "/api/events/ws",
];

/** Finds the caller by the token of a stream link. Requests without one go on to `findCaller`. */
export const findCallerByLink: MiddlewareHandler<AppEnv> = async (c, next) => {
  const token = c.req.query("token");
  if (token === undefined || c.req.header("Authorization") !== undefined) return await next();
  const owner = await ownerOfLink(c, token);
  if (owner === null) {
    const detail = "This link does not open this stream, or it has expired. Request a new link.";
    return problem(c, { code: "unauthorized", detail });
  }
  c.set("caller", { owner });
  return await next();
};

/** Finds the caller by API key, unless a link has identified the caller. */
export const findCaller: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.get("caller") !== undefined) return await next();
  const check = await checkCredentials(c);
  if (check.kind !== "accepted") return problem(c, credentialProblem(check));
  c.set("caller", check.caller);
  return await next();
};
