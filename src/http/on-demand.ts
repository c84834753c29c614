/** Routes that are loaded when one of them is first asked for: what few requests need does not slow every start. */
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { AppContext, AppEnv } from "./context.ts";

/** What the app has made ready for a request, handed on to the routes that are loaded for it. */
const readyFor = new WeakMap<Request, AppEnv["Variables"]>();

/** Answers with routes made by `routesAt`, which `load` imports. */
export const onDemand =
  (load: () => Promise<Hono<AppEnv>>): MiddlewareHandler<AppEnv> =>
  async (c) => {
    readyFor.set(c.req.raw, c.var);
    const routes = await load();
    return await routes.fetch(c.req.raw, c.env, c.executionCtx);
  };

/** Routes under `prefix`, for a module that is imported on demand; they find in their context what every handler finds. */
export function routesAt(prefix: string): Hono<AppEnv> {
  const routes = new Hono<AppEnv>({ strict: false }).basePath(prefix);
  routes.onError((error, c) => c.var.dialect.error(error, c));
  routes.notFound((c) => c.var.dialect.notFound(c));
  routes.use(async (c, next) => {
    const ready = readyFor.get(c.req.raw);
    if (ready === undefined) throw new Error("These routes are reached through `onDemand` alone.");
    c.set("requestId", ready.requestId);
    c.set("arrivedAt", ready.arrivedAt);
    c.set("config", ready.config);
    c.set("deps", ready.deps);
    c.set("dialect", ready.dialect);
    c.set("caller", ready.caller);
    await next();
  });
  const onMethodNotAllowed = (c: AppContext, methods: readonly string[]) =>
    c.var.dialect.methodNotAllowed(c, methods);
  routes.use(methodNotAllowed({ app: routes, onMethodNotAllowed }));
  return routes;
}
