import { routesAt } from "../../http/on-demand.ts";
import { ping } from "../../redis/ping.ts";

export const redis = routesAt("/api/redis");

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
  const pong = await ping(url, c.var.deps.log, (work) => c.executionCtx.waitUntil(work));
  return pong.ok
    ? c.json(pong)
    : c.json({ ok: false, reason: REASONS[pong.problem], code: pong.problem }, 503);
});
