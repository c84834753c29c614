import { Hono } from "hono";
import { keyStates } from "../generation/key-marks.ts";
import { originOf } from "../http/context.ts";
import type { AppContext, AppEnv } from "../http/context.ts";
import { describeError } from "../lib/log.ts";
import { iso } from "../lib/time.ts";

export const health = new Hono<AppEnv>();

interface Component {
  readonly status: "ok" | "down" | "not_configured" | "unreachable";
  readonly message?: string;
  readonly latencyMs?: number;
  readonly keys?: readonly ProviderKey[];
}

/** One of the upstream keys, by what tells it from the others and nothing else of it. */
interface ProviderKey {
  readonly fingerprint: string;
  readonly status: "ok" | "set_aside";
  readonly reason: string | null;
}

/** Component by component; 503 when one that is needed does not work. Names no values and no error texts. */
health.get("/", async (c) => {
  const { API_KEY: rootKey, DEV_MODE: devMode } = c.var.config;
  const [database, storage, cache, provider, redis] = await Promise.all([
    probe(c, "database", () => c.env.DB.prepare("select 1").first()),
    probe(c, "storage", () => c.env.MEDIA.head("health")),
    probe(c, "cache", () => c.env.CACHE.get("health")),
    providerKeys(c),
    redisState(c),
  ]);
  const components = {
    database,
    storage,
    cache,
    provider,
    auth: configured(rootKey !== null || devMode, "Set API_KEY: without it nobody is let in."),
  };
  const isWell = Object.values(components).every((component) => component.status === "ok");
  // Without these everything else works: they are told of, and no reason to be down.
  const all = { ...components, uploads: uploads(c), redis };
  const body = { status: isWell ? "ok" : "down", timestamp: iso(c.var.deps.now()), components: all };
  return c.json(body, isWell ? 200 : 503, { "Cache-Control": "no-store" });
});

function uploads(c: AppContext): Component {
  const message = c.var.deps.inputs.problem(originOf(c));
  return message === null ? { status: "ok" } : { status: "unreachable", message };
}

async function redisState(c: AppContext): Promise<Component> {
  const url = c.var.config.REDIS_URL;
  if (url === null) return configured(false, "Set REDIS_URL to have the ends of generations published.");
  const { ping } = await import("../redis/ping.ts");
  const pong = await ping(url, c.var.deps.log, (work) => c.executionCtx.waitUntil(work));
  return pong.ok
    ? { status: "ok", latencyMs: pong.latencyMs }
    : { status: "down", message: "Redis does not answer." };
}

/** Down only when no key works; what is known of them is at most a minute old, and nobody is asked for it. */
async function providerKeys(c: AppContext): Promise<Component> {
  const states = await keyStates(c.var.deps);
  if (states.length === 0) {
    return configured(false, "Set KIE_API_KEY: without it nothing can be generated.");
  }
  const keys = states.map(({ fingerprint, reason }): ProviderKey => ({
    fingerprint,
    status: reason === null ? "ok" : "set_aside",
    reason,
  }));
  return { status: keys.some((key) => key.status === "ok") ? "ok" : "down", keys };
}

const configured = (isSet: boolean, message: string): Component =>
  isSet ? { status: "ok" } : { status: "not_configured", message };

async function probe(c: AppContext, name: string, ask: () => Promise<unknown>): Promise<Component> {
  const startedAt = Date.now();
  try {
    await ask();
    return { status: "ok", latencyMs: Date.now() - startedAt };
  } catch (error) {
    c.var.deps.log.error("health.down", { component: name, ...describeError(error) });
    return { status: "down", message: `The ${name} does not answer.` };
  }
}
