/** Errors of OpenAI's dialect: JSON with the statuses that its clients know. */
import { createDialect } from "../../http/dialect.ts";
import { pathOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { PROBLEMS } from "../../http/problem.ts";
import type { Problem, ProblemCode } from "../../http/problem.ts";
import { problemBody } from "../shared/problem-body.ts";
import { hintFor } from "./path-hints.ts";

/** Asks clients not to repeat the request. By default OpenAI's clients repeat 409 and 5xx. */
export const DO_NOT_RETRY = { "X-Should-Retry": "false" };

/** Errors that may pass within moments; repeating the request costs nothing. */
const TRANSIENT: ReadonlySet<ProblemCode> = new Set(["idempotency_in_flight", "internal_error"]);

/** OpenAI's clients expect 400 for invalid fields, and some repeat requests with other unfamiliar statuses. */
function statusOf(code: ProblemCode) {
  const [status] = PROBLEMS[code];
  return status === 422 ? 400 : status;
}

function writeProblem(c: AppContext, { code, detail, issues = [], headers = {} }: Problem): Response {
  const [, title] = PROBLEMS[code];
  const status = statusOf(code);
  const { requestId } = c.var;
  const body = problemBody({ code, title, status, detail, issues, path: pathOf(c), requestId });
  const retry = TRANSIENT.has(code) ? {} : DO_NOT_RETRY;
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/json", ...retry, ...headers });
}

export const openaiDialect = createDialect(writeProblem, hintFor);
