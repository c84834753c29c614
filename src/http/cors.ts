import type { AppContext } from "./context.ts";

/** Origins that may read answers: any, unless CORS_ORIGINS names some. Never with cookies, which nothing here uses. */
export const corsPolicy = {
  origin: (origin: string, c: AppContext): string | null => {
    const allowed = c.var.config.CORS_ORIGINS;
    if (allowed.length === 0 || allowed.includes("*")) return "*";
    return allowed.includes(origin) ? origin : null;
  },
  allowMethods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
  // Any header that a preflight asks for: clients in browsers add many of their own (`X-Stainless-*`, `HTTP-Referer`),
  // and none of them gives a page what its user has not given it.
  allowHeaders: [],
  exposeHeaders: [
    "Accept-Ranges",
    "Content-Length",
    "Content-Range",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "X-Request-Id",
    "X-Should-Retry",
    "openai-poll-after-ms",
  ],
  maxAge: 86_400,
};
