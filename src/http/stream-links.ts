/**
 * Links for readers that cannot set headers, such as a browser's EventSource: a short-lived token in the query opens
 * the streams of one artwork, or that of everything an owner has, and nothing else.
 */
import type { MiddlewareHandler } from "hono";
import { HOUR, iso, SECOND } from "../lib/time.ts";
import { originOf } from "./context.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { problem } from "./problem.ts";

/** Longer than the longest film takes. A reader that is cut off later asks for another link. */
const LINK_LIFE = HOUR;

/** Paths of the two streams that tell the same. */
export interface Streams {
  readonly events: string;
  readonly ws: string;
}

/** What signs: a key of its own, or one made of the root key; null where there is neither. */
async function signingKey({ var: { config } }: AppContext): Promise<Uint8Array | null> {
  const secret = config.LINK_SIGNING_KEY ?? config.API_KEY;
  if (secret === null) return null;
  // With its purpose mixed in, what signs links is of no use elsewhere.
  const named = new TextEncoder().encode(`darkroom watch links ${secret}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", named));
}

/**
 * Answers with links to these streams, and until when they open. In development without any key they carry no token:
 * there nobody on this machine needs one.
 */
export async function answerLinks(c: AppContext, streams: Streams): Promise<Response> {
  const key = await signingKey(c);
  const until = c.var.deps.now() + LINK_LIFE;
  const token = key === null ? null : await issue(key, { owner: c.var.caller.owner, streams, until });
  const link = (path: string) => `${originOf(c)}${path}${token === null ? "" : `?token=${token}`}`;
  const links = {
    events: link(streams.events),
    ws: link(streams.ws).replace(/^http/, "ws"),
    expiresAt: token === null ? null : iso(until),
  };
  return c.json(links, 200, { "Cache-Control": "no-store" });
}

interface Grant {
  readonly owner: string;
  readonly streams: Streams;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** A JSON Web Token whose audience are the paths that it opens. */
async function issue(key: Uint8Array, { owner, streams, until }: Grant): Promise<string> {
  const { SignJWT } = await import("jose/jwt/sign");
  return await new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(owner)
    .setAudience([streams.events, streams.ws])
    .setExpirationTime(Math.floor(until / SECOND))
    .sign(key);
}

/** Lets in who brings a link's token; everybody else goes on to be authenticated. */
export const admitByLink: MiddlewareHandler<AppEnv> = async (c, next) => {
  const token = c.req.query("token");
  if (token === undefined || c.req.header("Authorization") !== undefined) return await next();
  const owner = await ownerOf(c, token);
  if (owner === null) {
    const detail = "This link is not one for this stream, or it has expired. Ask for another one.";
    return problem(c, { code: "unauthorized", detail });
  }
  c.set("caller", { owner });
  return await next();
};

async function ownerOf(c: AppContext, token: string): Promise<string | null> {
  const key = await signingKey(c);
  if (key === null) return null;
  const { jwtVerify } = await import("jose/jwt/verify");
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      audience: c.req.path,
      currentDate: new Date(c.var.deps.now()),
    });
    return payload.sub ?? null;
  } catch {
    return null;
  }
}
