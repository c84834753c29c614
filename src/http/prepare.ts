import type { MiddlewareHandler } from "hono";
import { readConfig } from "../env.ts";
import type { Env } from "../bindings.ts";
import type { Deps } from "../domain/deps.ts";
import type { AppEnv } from "./context.ts";
import { drain } from "./drain.ts";

/** Makes the domain's dependencies from the Worker's bindings. */
export type Compose = (env: Env) => Deps;

/** The form in which the service accepts a caller's own request ID. */
const REQUEST_ID = /^[\w.-]{8,100}$/;

/** Gives each request its ID, configuration and dependencies, and logs one line. */
export const prepareRequest =
  (compose: Compose): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const startedAt = Date.now();
    const given = c.req.header("X-Request-Id") ?? "";
    const requestId = REQUEST_ID.test(given) ? given : crypto.randomUUID();
    c.set("requestId", requestId);
    c.set("config", readConfig(c.env));
    const deps = compose(c.env);
    const log = deps.log.with({ requestId });
    c.set("deps", { ...deps, log });
    c.set("arrivedAt", deps.now());
    await next();
    await drain(c.req.raw);
    c.res.headers.set("X-Request-Id", requestId);
    log.info("request", {
      method: c.req.method,
      path: new URL(c.req.url).pathname,
      status: c.res.status,
      milliseconds: Date.now() - startedAt,
    });
  };
