/**
 * Links for readers that cannot set headers, such as a browser's EventSource: a short-lived token in the query opens
 * the streams of one artwork, or of everything of an owner, and nothing else.
 */
import { HOUR, iso, SECOND } from "../../lib/time.ts";
import { originOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";

/** Longer than the longest video takes. A disconnected reader requests a new link. */
const LINK_LIFE = HOUR;

/** Paths of the two streams with the same events. */
export interface Streams {
  readonly events: string;
  readonly ws: string;
}

/** The signing key: its own, or one derived from the root key; null without either. */
async function signingKey({ var: { config } }: AppContext): Promise<Uint8Array | null> {
  const secret = config.LINK_SIGNING_KEY ?? config.API_KEY;
  if (secret === null) return null;
  // The purpose is part of the input, so that this key signs nothing else.
  const named = new TextEncoder().encode(`darkroom watch links ${secret}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", named));
}

/**
 * Answers with links to these streams and their time of expiry. In development without any key they carry no token:
 * this machine needs none.
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

/** Issues a JSON Web Token whose audience is the list of paths that it opens. */
async function issue(key: Uint8Array, { owner, streams, until }: Grant): Promise<string> {
  const { SignJWT } = await import("jose/jwt/sign");
  return await new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(owner)
    .setAudience([streams.events, streams.ws])
    .setExpirationTime(Math.floor(until / SECOND))
    .sign(key);
}

/** Owner of a token that opens this path; null for an invalid or expired one. */
export async function ownerOfLink(c: AppContext, token: string): Promise<string | null> {
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
