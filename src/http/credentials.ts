/** The check of credentials that the dialects share. */
import type { Caller } from "../domain/caller.ts";
import { isLoopbackHostname } from "../lib/addresses.ts";
import { equalSecrets } from "../lib/crypto.ts";
import type { AppContext } from "./context.ts";
import type { Problem } from "./problem.ts";

/** Owner of everything made with the root key, and on a developer's machine. */
const ROOT: Caller = { owner: "root" };

/** The result of a check. Without a configured key the service admits nobody. */
export type CredentialCheck =
  | { readonly kind: "accepted"; readonly caller: Caller }
  | { readonly kind: "not_configured" }
  | { readonly kind: "missing"; readonly admitsThisMachine: boolean }
  | { readonly kind: "wrong" };

/**
 * Accepts the root key in `Authorization: Bearer`, and in development also requests from this machine without any
 * credentials. Wrong credentials are never accepted.
 */
export async function checkCredentials(c: AppContext): Promise<CredentialCheck> {
  const { API_KEY: rootKey, DEV_MODE: isDevelopment } = c.var.config;
  const header = c.req.header("Authorization");
  if (header === undefined && isDevelopment && isFromThisMachine(c))
    return { kind: "accepted", caller: ROOT };
  const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (rootKey !== null && token !== undefined && (await equalSecrets(token, rootKey))) {
    return { kind: "accepted", caller: ROOT };
  }
  if (rootKey === null && !isDevelopment) return { kind: "not_configured" };
  return header === undefined ? { kind: "missing", admitsThisMachine: isDevelopment } : { kind: "wrong" };
}

/** The problem of a check that failed. */
export function credentialProblem(check: Exclude<CredentialCheck, { kind: "accepted" }>): Problem {
  const headers = { "WWW-Authenticate": 'Bearer realm="darkroom"' };
  switch (check.kind) {
    case "not_configured":
      return {
        code: "auth_not_configured",
        detail: "This service has no API_KEY and rejects all requests. Its operator must set one.",
      };
    case "wrong":
      return {
        code: "unauthorized",
        detail: "Unknown API key. Send `Authorization: Bearer <key>`.",
        headers,
      };
    case "missing": {
      const local = " Only requests from this machine, and not from another site's page, need no key.";
      const detail = `Missing API key. Send \`Authorization: Bearer <key>\`.${check.admitsThisMachine ? local : ""}`;
      return { code: "unauthorized", detail, headers };
    }
  }
}

/**
 * Checks the address that the platform reports, the host name of the request, and that no other site's page sent the
 * request: a browser on this machine sends what any page asks for.
 */
function isFromThisMachine(c: AppContext): boolean {
  const origin = c.req.header("Origin");
  if (origin !== undefined && !isLoopbackHostname(URL.parse(origin)?.hostname ?? "")) return false;
  if (c.req.header("Sec-Fetch-Site") === "cross-site") return false;
  const address = c.req.header("CF-Connecting-IP");
  const isLocalAddress = address === undefined || isLoopbackHostname(address);
  return isLocalAddress && isLoopbackHostname(new URL(c.req.url).hostname);
}
