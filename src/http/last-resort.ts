import { ConfigError } from "../env.ts";
import { createLog, describeError } from "../lib/log.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

/** OpenAI's paths where a client's base URL lacks its `/v1`, or has it twice. */
const MISPLACED =
  /^\/(?:api\/|v1\/v1\/)?((?:chat\/completions|images\/(?:generations|edits)|videos|models)\b.*)/;

export function answerNotFound(c: AppContext): Response {
  const { origin, pathname } = new URL(c.req.url);
  const meant = MISPLACED.exec(pathname)?.[1];
  const advice = meant === undefined ? "" : ` Use /v1/${meant}: a client's base URL is ${origin}/v1.`;
  return problem(c, { code: "not_found", detail: `There is nothing at ${pathname}.${advice}` });
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
