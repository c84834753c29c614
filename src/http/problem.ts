/** The errors of every dialect as plain data. A dialect gives them their shape. */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Refusal } from "../domain/refusal.ts";
import type { FieldIssue } from "../lib/issues.ts";

/** HTTP status and title of each error code. */
export const PROBLEMS = {
  malformed_form: [400, "Malformed form"],
  malformed_json: [400, "Malformed JSON"],
  unauthorized: [401, "Unauthorized"],
  callback_signature_invalid: [401, "Invalid callback signature"],
  not_found: [404, "Not found"],
  model_not_found: [404, "Unknown model"],
  method_not_allowed: [405, "Method not allowed"],
  generation_in_progress: [409, "Generation in progress"],
  idempotency_in_flight: [409, "First request in progress"],
  not_cancelable: [409, "Generation has ended"],
  too_many_webhooks: [409, "Too many webhooks"],
  webhook_disabled: [409, "Webhook disabled"],
  video_not_completed: [409, "Video not completed"],
  model_retired: [410, "Model retired"],
  body_too_large: [413, "Body too large"],
  unsupported_media_type: [415, "Unsupported media type"],
  range_not_satisfiable: [416, "Range not satisfiable"],
  invalid_fields: [422, "Invalid fields"],
  idempotency_key_reused: [422, "Idempotency key reused"],
  upgrade_required: [426, "Upgrade required"],
  internal_error: [500, "Internal error"],
  auth_not_configured: [503, "Authentication not configured"],
  misconfigured: [503, "Invalid configuration"],
  provider_credits_exhausted: [503, "Provider credits exhausted"],
  provider_key_invalid: [503, "Provider key invalid"],
  provider_not_configured: [503, "Provider not configured"],
  upload_host_unreachable: [503, "Upload host unreachable"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error before a dialect has given it a shape. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence for a person. */
  readonly detail: string;
  readonly issues?: readonly FieldIssue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Seconds after which to retry what a temporary condition refused. */
const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  generation_in_progress: 5,
  idempotency_in_flight: 2,
  provider_credits_exhausted: 60,
  provider_key_invalid: 60,
};

/** A refusal of the domain as a problem. */
export function problemOf({ refused, message, issues = [] }: Refusal): Problem {
  const seconds = RETRY_AFTER_SECONDS[refused];
  const headers = seconds === undefined ? {} : { "Retry-After": String(seconds) };
  return { code: refused, detail: message, issues, headers };
}
