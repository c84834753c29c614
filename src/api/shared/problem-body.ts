import type { FieldIssue } from "../../lib/issues.ts";

export interface ProblemFields {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly issues?: readonly FieldIssue[];
  /** Path of the request. */
  readonly path: string;
  readonly requestId: string;
}

/** The class of an error in OpenAI's terms. */
function errorType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** An error body for clients of both cultures: problem details (RFC 9457) and OpenAI's `error`. */
export const problemBody = (fields: ProblemFields) => {
  const { code, title, status, detail, issues = [], path, requestId } = fields;
  return {
    type: `urn:darkroom:problem:${code}`,
    title,
    status,
    detail,
    instance: path,
    requestId,
    errors: issues,
    error: { message: detail, type: errorType(status), param: issues[0]?.path ?? null, code },
  };
};
