/** Errors of Darkroom's own API: problem details (RFC 9457). */
import { createDialect } from "../../http/dialect.ts";
import type { PathHint } from "../../http/dialect.ts";
import { pathOf } from "../../http/context.ts";
import type { AppContext, Dialect } from "../../http/context.ts";
import { PROBLEMS } from "../../http/problem.ts";
import type { Problem } from "../../http/problem.ts";
import { problemBody } from "../shared/problem-body.ts";

function writeProblem(c: AppContext, { code, detail, issues = [], headers = {} }: Problem): Response {
  const [status, title] = PROBLEMS[code];
  const { requestId } = c.var;
  const body = problemBody({ code, title, status, detail, issues, path: pathOf(c), requestId });
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json", ...headers });
}

/** Darkroom's dialect. `hintFor` suggests paths of other dialects to clients with a wrong base URL. */
export const darkroomDialect = (hintFor: PathHint): Dialect => createDialect(writeProblem, hintFor);
