/** The seam between the shared parts of HTTP and the dialects, which decide what errors look like. */
import type { MiddlewareHandler } from "hono";
import { ConfigError } from "../env.ts";
import type { Refusal } from "../domain/refusal.ts";
import { createLog, describeError } from "../lib/log.ts";
import { pathOf } from "./context.ts";
import type { AppContext, AppEnv, Dialect } from "./context.ts";
import { problemOf } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** Suggests the right path for a wrong one, as a sentence; null without a suggestion. */
export type PathHint = (path: string) => string | null;

/** Makes a dialect that answers everything in the shape that `write` gives to errors. */
export const createDialect = (write: Dialect["problem"], hintFor: PathHint): Dialect => ({
  problem: write,
  notFound: (c) => write(c, noRoute(pathOf(c), hintFor)),
  methodNotAllowed: (c, methods) => write(c, otherMethods(methods)),
  error: (error, c) => write(c, problemOfException(error, c.var.requestId)),
});

function noRoute(path: string, hintFor: PathHint): Problem {
  const hint = hintFor(path);
  return { code: "not_found", detail: `No route at ${path}.${hint === null ? "" : ` ${hint}`}` };
}

function otherMethods(methods: readonly string[]): Problem {
  const Allow = methods.join(", ");
  return { code: "method_not_allowed", detail: `This path supports ${Allow}.`, headers: { Allow } };
}

/** Logs an exception in full and makes a problem of it that reveals only the request ID. */
function problemOfException(error: Error, requestId: string): Problem {
  createLog().error("request.failed", { requestId, ...describeError(error) });
  const headers = { "X-Request-Id": requestId };
  if (error instanceof ConfigError) return { code: "misconfigured", detail: error.message, headers };
  const detail = `Internal error. Include request ID ${requestId} when you report this.`;
  return { code: "internal_error", detail, headers };
}

/** Selects the dialect of all requests below a mount. */
export const speak =
  (dialect: Dialect): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    c.set("dialect", dialect);
    await next();
  };

/** Answers an error in the dialect of the request. */
export const problem = (c: AppContext, written: Problem): Response => c.var.dialect.problem(c, written);

/** Answers a refusal of the domain in the dialect of the request. */
export const refuse = (c: AppContext, refusal: Refusal): Response => problem(c, problemOf(refusal));
