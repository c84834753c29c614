import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Every error this API answers: its HTTP status and its title. */
export const PROBLEMS = {
  malformed_form: [400, "Malformed form"],
  malformed_json: [400, "Malformed JSON"],
  unauthorized: [401, "Unauthorized"],
  callback_signature_invalid: [401, "The callback is not signed"],
  not_found: [404, "Not found"],
  model_not_found: [404, "Unknown model"],
  method_not_allowed: [405, "Method not allowed"],
  generation_in_progress: [409, "A generation is in progress"],
  idempotency_in_flight: [409, "Still being answered"],
  not_cancelable: [409, "The generation has ended"],
  too_many_webhooks: [409, "Too many webhooks"],
  webhook_disabled: [409, "The webhook is disabled"],
  video_not_completed: [409, "The video is not completed"],
  model_retired: [410, "The model is retired"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "Unsupported media type"],
  range_not_satisfiable: [416, "Range not satisfiable"],
  invalid_fields: [422, "Invalid fields"],
  idempotency_key_reused: [422, "The key was used for another request"],
  upgrade_required: [426, "Upgrade required"],
  internal_error: [500, "Internal error"],
  auth_not_configured: [503, "Authentication is not configured"],
  misconfigured: [503, "The configuration is wrong"],
  provider_credits_exhausted: [503, "The provider has no credits"],
  provider_key_invalid: [503, "The provider refuses the key"],
  provider_not_configured: [503, "The provider is not configured"],
  upload_host_unreachable: [503, "The provider cannot reach uploads"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemCode = keyof typeof PROBLEMS;
