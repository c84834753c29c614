import { Hono } from "hono";
import { originOf } from "../http/context.ts";
import type { AppContext, AppEnv } from "../http/context.ts";
import { describeError } from "../lib/log.ts";
import { iso } from "../lib/time.ts";

export const health = new Hono<AppEnv>();

interface Component {
  readonly status: "ok" | "down" | "not_configured" | "unreachable";
  readonly message?: string;
  readonly latencyMs?: number;
}

/** Component by component; 503 when one that is needed does not work. Names no values and no error texts. */
health.get("/", async (c) => {
  const { API_KEY: rootKey, DEV_MODE: devMode, KIE_API_KEY: providerKeys } = c.var.config;
  const [database, storage, cache] = await Promise.all([
    probe(c, "database", () => c.env.DB.prepare("select 1").first()),
    probe(c, "storage", () => c.env.MEDIA.head("health")),
    probe(c, "cache", () => c.env.CACHE.get("health")),
  ]);
  const components = {
    database,
    storage,
    cache,
    provider: configured(providerKeys.length > 0, "Set KIE_API_KEY: without it nothing can be generated."),
    auth: configured(rootKey !== null || devMode, "Set API_KEY: without it nobody is let in."),
  };
  const isWell = Object.values(components).every((component) => component.status === "ok");
  // Without uploads everything else works: they are told of, and no reason to be down.
  const all = { ...components, uploads: uploads(c) };
  const body = { status: isWell ? "ok" : "down", timestamp: iso(c.var.deps.now()), components: all };
  return c.json(body, isWell ? 200 : 503, { "Cache-Control": "no-store" });
});

function uploads(c: AppContext): Component {
  const message = c.var.deps.inputs.problem(originOf(c));
  return message === null ? { status: "ok" } : { status: "unreachable", message };
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
