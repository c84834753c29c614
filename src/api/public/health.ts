import { Hono } from "hono";
import { reasonAmong } from "../../domain/failure.ts";
import { credentialStates } from "../../domain/start-slots/credential-health.ts";
import { originOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { describeError } from "../../lib/log.ts";
import { iso } from "../../lib/time.ts";

export const health = new Hono<AppEnv>();

interface Component {
  readonly status: "ok" | "down" | "not_configured" | "unreachable";
  readonly message?: string;
  readonly latencyMs?: number;
  readonly keys?: readonly Credential[];
}

/** One of the credentials, by its fingerprint alone. */
interface Credential {
  readonly fingerprint: string;
  readonly status: "ok" | "set_aside";
  readonly reason: string | null;
}

/** Reports each component; 503 when a required one fails. Reveals no values and no error texts. */
health.get("/", async (c) => {
  const { API_KEY: rootKey, DEV_MODE: devMode } = c.var.config;
  const [database, storage, cache, provider, workersAi, redis] = await Promise.all([
    probe(c, "database", () => c.env.DB.prepare("select 1").first()),
    probe(c, "storage", () => c.env.MEDIA.head("health")),
    probe(c, "cache", () => c.env.CACHE.get("health")),
    providerState(c, "kie"),
    providerState(c, "workers-ai"),
    redisState(c),
  ]);
  const needed = {
    database,
    storage,
    cache,
    auth: configured(rootKey !== null || devMode, "Set API_KEY: without it every request is rejected."),
  };
  // One provider is enough, but every configured one must work.
  const providers = [provider, workersAi];
  const isWell =
    Object.values(needed).every(({ status }) => status === "ok") &&
    providers.some(({ status }) => status === "ok") &&
    providers.every(({ status }) => status !== "down");
  // The other components are optional and never make the service down.
  const all = {
    ...needed,
    provider,
    workersAi,
    uploads: uploads(c),
    promptOptimization: promptOptimization(c),
    redis,
  };
  const body = { status: isWell ? "ok" : "down", timestamp: iso(c.var.deps.now()), components: all };
  return c.json(body, isWell ? 200 : 503, { "Cache-Control": "no-store" });
});

function uploads(c: AppContext): Component {
  const message = c.var.deps.uploadStore.problem(originOf(c));
  return message === null ? { status: "ok" } : { status: "unreachable", message };
}

/** Checks only the configuration: each generation reports failures of the optimizer. */
function promptOptimization(c: AppContext): Component {
  const { problem } = c.var.deps.optimizer;
  return configured(problem === null, problem ?? "");
}

async function redisState(c: AppContext): Promise<Component> {
  const url = c.var.config.REDIS_URL;
  if (url === null) return configured(false, "Set REDIS_URL to publish the ends of generations.");
  const { ping } = await import("../../redis/ping.ts");
  const pong = await ping(url, c.var.deps.log, (work) => c.executionCtx.waitUntil(work));
  return pong.ok
    ? { status: "ok", latencyMs: pong.latencyMs }
    : { status: "down", message: "Redis does not answer." };
}

/** Down only when no credential works. Reads recorded states, at most a minute old, and calls no provider. */
async function providerState(c: AppContext, name: string): Promise<Component> {
  const { deps } = c.var;
  const asked = deps.providers.of(name);
  if (asked.problem !== null) return configured(false, asked.problem);
  const states = await credentialStates(deps, asked);
  const keys = states.map(({ credentialId, reason }): Credential => ({
    fingerprint: credentialId,
    status: reason === null ? "ok" : "set_aside",
    reason,
  }));
  if (keys.some(({ status }) => status === "ok")) return { status: "ok", keys };
  const message = asked.explain(reasonAmong(states.flatMap(({ reason }) => reason ?? []))).message;
  return { status: "down", message, keys };
}

const configured = (isSet: boolean, message: string): Component =>
  isSet ? { status: "ok" } : { status: "not_configured", message };

async function probe(c: AppContext, name: string, check: () => Promise<unknown>): Promise<Component> {
  const startedAt = Date.now();
  try {
    await check();
    return { status: "ok", latencyMs: Date.now() - startedAt };
  } catch (error) {
    c.var.deps.log.error("health.down", { component: name, ...describeError(error) });
    return { status: "down", message: `The ${name} does not answer.` };
  }
}
