import type { AppContext } from "./context.ts";

/** Origins that may read answers: any, unless CORS_ORIGINS names some. Never with cookies, which nothing here uses. */
export const corsPolicy = {
  origin: (origin: string, c: AppContext): string | null => {
    const allowed = c.var.config.CORS_ORIGINS;
    if (allowed.length === 0 || allowed.includes("*")) return "*";
    return allowed.includes(origin) ? origin : null;
  },
  allowMethods: ["GET", "HEAD", "POST", "DELETE"],
  allowHeaders: [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Prefer",
    "Range",
    "X-Request-Id",
  ],
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
  ],
  maxAge: 86_400,
};
