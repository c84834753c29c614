import type { MiddlewareHandler } from "hono";
import { isLoopbackHostname } from "../lib/addresses.ts";
import { equalSecrets } from "../lib/crypto.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { problem } from "./problem.ts";

/** Owner of what is made with the root key, and on a developer's own machine. */
const ROOT_OWNER = "root";

/**
 * Lets in who carries the root key; in development also who calls from this machine without any credentials.
 * Wrong credentials are always 401, and a service without any way to tell friends from strangers answers 503.
 */
export const authenticate: MiddlewareHandler<AppEnv> = async (c, next) => {
  // A link has let its bearer in.
  if (c.get("caller") !== undefined) return await next();
  const { API_KEY: rootKey, DEV_MODE: devMode } = c.var.config;
  const header = c.req.header("Authorization");
  if (header === undefined && devMode && isFromThisMachine(c)) return await enter(c, next);
  const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (rootKey !== null && token !== undefined && (await equalSecrets(token, rootKey)))
    return await enter(c, next);
  return strange(c, header);
};

/** Why a caller is not let in. */
function strange(c: AppContext, header: string | undefined): Response {
  const { API_KEY: rootKey, DEV_MODE: devMode } = c.var.config;
  if (rootKey === null && !devMode) {
    const detail = "This service has no API_KEY yet, so it lets nobody in. Its operator has to set one.";
    return problem(c, { code: "auth_not_configured", detail });
  }
  const detail =
    header !== undefined
      ? "The key is not one of this service."
      : devMode
        ? "Send your key in the header Authorization: Bearer <key>. Without one, only this machine is let in, and no page of another site."
        : "Send your key in the header Authorization: Bearer <key>.";
  return problem(c, {
    code: "unauthorized",
    detail,
    headers: { "WWW-Authenticate": 'Bearer realm="darkroom"' },
  });
}

async function enter(c: AppContext, next: () => Promise<void>): Promise<void> {
  c.set("caller", { owner: ROOT_OWNER });
  await next();
}

/**
 * By the address that the platform reports where it does, by the name that was asked for, and not on behalf of a
 * site from elsewhere: a browser on this machine would carry out what any page tells it to.
 */
function isFromThisMachine(c: AppContext): boolean {
  const origin = c.req.header("Origin");
  if (origin !== undefined && !isLoopbackHostname(URL.parse(origin)?.hostname ?? "")) return false;
  if (c.req.header("Sec-Fetch-Site") === "cross-site") return false;
  const address = c.req.header("CF-Connecting-IP");
  const isLocalAddress = address === undefined || isLoopbackHostname(address);
  return isLocalAddress && isLoopbackHostname(new URL(c.req.url).hostname);
}
