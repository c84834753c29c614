import { ConfigError } from "../env.ts";
import { createLog, describeError } from "../lib/log.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";
import { hintFor } from "./path-hints.ts";

export function answerNotFound(c: AppContext): Response {
  const path = new URL(c.req.url).pathname;
  const hint = hintFor(path);
  const detail = `There is nothing at ${path}.${hint === null ? "" : ` ${hint}`}`;
  return problem(c, { code: "not_found", detail });
}

export const answerMethodNotAllowed = (c: AppContext, methods: readonly string[]): Response =>
  problem(c, {
    code: "method_not_allowed",
    detail: `This path takes ${methods.join(", ")}.`,
    headers: { Allow: methods.join(", ") },
  });

/** What nobody foresaw: the log has all of it, the caller nothing but the id to ask about. */
export function answerError(error: Error, c: AppContext): Response {
  const requestId = c.var.requestId;
  createLog().error("request.failed", { requestId, ...describeError(error) });
  const response =
    error instanceof ConfigError
      ? problem(c, { code: "misconfigured", detail: error.message })
      : problem(c, {
          code: "internal_error",
          detail: `Something went wrong on our side. Say ${requestId} when you report it.`,
        });
  response.headers.set("X-Request-Id", requestId);
  return response;
}
