import { Hono } from "hono";
import type { AppEnv } from "../../http/context.ts";

export const redis = new Hono<AppEnv>();

const REASONS = {
  unreachable: "Redis cannot be reached.",
  timed_out: "Redis does not answer in time.",
  refused: "Redis rejects the connection. Check the user and the password in REDIS_URL.",
} as const;

/** Public and cheap, like health. Reveals nothing about the server. */
redis.get("/ping", async (c) => {
  c.header("Cache-Control", "no-store");
  const url = c.var.config.REDIS_URL;
  if (url === null) return c.json({ configured: false });
  // The Redis client is heavy: only a service that has a REDIS_URL loads it.
  const { ping } = await import("../../redis/ping.ts");
  const pong = await ping(url, c.var.deps.log, (work) => c.executionCtx.waitUntil(work));
  return pong.ok
    ? c.json(pong)
    : c.json({ ok: false, reason: REASONS[pong.problem], code: pong.problem }, 503);
});
