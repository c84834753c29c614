import type { Context } from "hono";
import type { Config } from "../env.ts";
import type { Env } from "../bindings.ts";
import type { Deps } from "../domain/deps.ts";
import { linksAt } from "../domain/artworks/present.ts";
import type { Links } from "../domain/artworks/present.ts";
import type { Caller } from "../domain/caller.ts";
import type { Problem } from "./problem.ts";
import type { RequestScope } from "./scope.ts";

/** The context of every handler. */
export interface AppEnv {
  readonly Bindings: Env;
  readonly Variables: {
    requestId: string;
    config: Config;
    deps: Deps;
    /** Epoch milliseconds at which the request arrived. */
    arrivedAt: number;
    /** Set by the mounts in app.ts. */
    dialect: Dialect;
    /** Set below the line in app.ts. */
    caller: Caller;
  };
}

export type AppContext = Context<AppEnv>;

/** The answers of a dialect outside its routes. */
export interface Dialect {
  /** Writes an error in the dialect's shape. */
  readonly problem: (c: AppContext, problem: Problem) => Response;
  /** Answers a path without a route. */
  readonly notFound: (c: AppContext) => Response;
  /** Answers a method that the path does not support. */
  readonly methodNotAllowed: (c: AppContext, methods: readonly string[]) => Response;
  /** Answers an exception. */
  readonly error: (error: Error, c: AppContext) => Response;
}

/** Origin of the request: where this API was reached. */
export const originOf = (c: AppContext): string => new URL(c.req.url).origin;

export const pathOf = (c: AppContext): string => new URL(c.req.url).pathname;

/** Where the links of this response point. */
export const linksOf = (c: AppContext): Links => linksAt(c.var.deps, originOf(c));

/** The request as plain values. */
export const scopeOf = (c: AppContext): RequestScope => ({
  deps: c.var.deps,
  caller: c.var.caller,
  links: linksOf(c),
  background: (work) => c.executionCtx.waitUntil(work),
});
