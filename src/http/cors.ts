import type { AppContext } from "./context.ts";

/** Origins that may read responses: all, unless CORS_ORIGINS lists some. Never with cookies, which this API does not use. */
export const corsPolicy = {
  origin: (origin: string, c: AppContext): string | null => {
    const allowed = c.var.config.CORS_ORIGINS;
    if (allowed.length === 0 || allowed.includes("*")) return "*";
    return allowed.includes(origin) ? origin : null;
  },
  allowMethods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
  // Every header that a preflight requests: clients in browsers add their own (`X-Stainless-*`, `HTTP-Referer`), and no
  // header gives a page more rights than its user has given it.
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
