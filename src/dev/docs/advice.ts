/** What a caller does about each error. An error without an entry is a type error. */
import type { FailureCode } from "../../domain/failure.ts";
import type { ProblemCode } from "../../http/problem.ts";

/** Errors of requests. */
export const PROBLEM_ADVICE: Readonly<Record<ProblemCode, string>> = {
  malformed_form: "Send a valid multipart form.",
  malformed_json: "Send valid JSON.",
  unauthorized: "Send the API key as `Authorization: Bearer`.",
  callback_signature_invalid: "Check `KIE_WEBHOOK_HMAC_KEY` and the clock.",
  not_found: "Check the path and the id.",
  model_not_found: "Choose a model of `GET /v1/models`.",
  method_not_allowed: "Use a method of the `Allow` header.",
  generation_in_progress: "Wait for its end, or cancel it.",
  idempotency_in_flight: "Retry after `Retry-After`.",
  not_cancelable: "Read its status: the generation has ended.",
  too_many_webhooks: "Delete a webhook first.",
  webhook_disabled: "Enable the webhook first.",
  video_not_completed: "Poll until the video is completed.",
  model_retired: "Use the replacement that the answer names.",
  body_too_large: "Send a smaller body.",
  unsupported_media_type: "Send a type that the answer names.",
  range_not_satisfiable: "Ask for a range within the file.",
  invalid_fields: "Correct the fields in `errors`.",
  idempotency_key_reused: "Use a new key for another request.",
  upgrade_required: "Open a WebSocket, or use the event stream.",
  internal_error: "Retry with the same key; report `requestId`.",
  auth_not_configured: "The operator sets `API_KEY`.",
  misconfigured: "The operator corrects the named variable.",
  provider_credits_exhausted: "The operator adds credits. Retry later.",
  provider_key_invalid: "The operator replaces the provider's key.",
  provider_not_configured: "The operator sets a provider's key.",
  upload_host_unreachable: "The operator corrects `UPLOAD_HOST`.",
};

/** Failures of generations. */
export const FAILURE_ADVICE: Readonly<Record<FailureCode, string>> = {
  content_policy: "Change the prompt or the image.",
  invalid_input_upstream: "Change the fields that the message names.",
  input_unreachable: "Upload the image with `POST /api/uploads`, or use a public URL.",
  provider_error: "Regenerate, or name `fallbackModels`.",
  provider_credits_exhausted: "The operator adds credits; then regenerate.",
  provider_key_invalid: "The operator replaces the key; then regenerate.",
  model_unavailable: "Regenerate with another model.",
  timed_out: "Regenerate with a longer `deadlineSeconds`. A late result is still stored.",
  outcome_unknown: "Wait for a late result, or regenerate at the risk of a second bill.",
  result_unusable: "Regenerate.",
  result_lost: "Regenerate.",
  no_result: "Regenerate.",
};
