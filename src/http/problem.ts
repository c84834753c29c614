import type { Refusal } from "../domain/refusal.ts";
import type { FieldIssue } from "../lib/issues.ts";
import type { AppContext } from "./context.ts";
import { PROBLEMS } from "./problem-codes.ts";
import type { ProblemCode } from "./problem-codes.ts";

export interface Problem {
  readonly code: ProblemCode;
  /** A sentence for the person who reads it. */
  readonly detail: string;
  readonly issues?: readonly FieldIssue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The class of an error as OpenAI's clients know it. */
function openAiType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

const pathOf = (c: AppContext): string => new URL(c.req.url).pathname;

/** Whether a request speaks OpenAI's dialect. */
const isOpenAi = (c: AppContext): boolean => pathOf(c).startsWith("/v1/");

interface ProblemFields {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly issues?: readonly FieldIssue[];
}

/** The one body of errors that suits both cultures: problem details (RFC 9457) and OpenAI's `error`. */
export const problemBody = (c: AppContext, { code, title, status, detail, issues = [] }: ProblemFields) => ({
  type: `urn:darkroom:problem:${code}`,
  title,
  status,
  detail,
  instance: pathOf(c),
  requestId: c.var.requestId,
  errors: issues,
  error: { message: detail, type: openAiType(status), param: issues[0]?.path ?? null, code },
});

/** OpenAI's clients know one status for fields that do not fit, and some repeat every other one that they do not know. */
const OPENAI_STATUS = { 422: 400 } as const;

/** Says that the same request would be answered the same way. OpenAI's clients repeat 409 and 5xx unless they are told. */
export const DO_NOT_RETRY = { "X-Should-Retry": "false" };

/** Errors that may be another answer in a moment, and cost nothing to ask again. */
const PASSING: ReadonlySet<ProblemCode> = new Set(["idempotency_in_flight", "internal_error"]);

/** An error answer. */
export function problem(c: AppContext, { code, detail, issues = [], headers = {} }: Problem): Response {
  const [usual, title] = PROBLEMS[code];
  if (!isOpenAi(c)) {
    const body = problemBody(c, { code, title, status: usual, detail, issues });
    return c.body(JSON.stringify(body), usual, { "Content-Type": "application/problem+json", ...headers });
  }
  const status = usual === 422 ? OPENAI_STATUS[usual] : usual;
  const body = problemBody(c, { code, title, status, detail, issues });
  const retry = PASSING.has(code) ? {} : DO_NOT_RETRY;
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/json", ...retry, ...headers });
}

/** Seconds after which a refusal that passes by itself is worth asking again. */
const ASK_AGAIN_AFTER: Partial<Record<ProblemCode, number>> = {
  generation_in_progress: 5,
  idempotency_in_flight: 2,
  provider_credits_exhausted: 60,
  provider_key_invalid: 60,
};

/** A refusal of the domain as an error answer. */
export function refuse(c: AppContext, { refused, message, issues = [] }: Refusal): Response {
  const seconds = ASK_AGAIN_AFTER[refused];
  const headers = seconds === undefined ? {} : { "Retry-After": String(seconds) };
  return problem(c, { code: refused, detail: message, issues, headers });
}
