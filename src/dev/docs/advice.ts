/** What a caller does about each error. An error without an entry is a type error. */
import type { FailureCode } from "../../domain/failure.ts";
import type { ProblemCode } from "../../http/problem.ts";

interface Explained {
  readonly means: string;
  readonly advice: string;
}

/** Errors of requests. */
export const PROBLEM_ADVICE: Readonly<Record<ProblemCode, Explained>> = {
  malformed_form: { means: "The form cannot be parsed.", advice: "Send a valid multipart form." },
  malformed_json: { means: "The body is not JSON in UTF-8, or is incomplete.", advice: "Send valid JSON." },
  unauthorized: {
    means: "The key or the link's token is missing, unknown or expired.",
    advice: "Send the API key as `Authorization: Bearer`, or request a new link.",
  },
  callback_signature_invalid: {
    means: "A callback has no valid, recent signature.",
    advice: "Check `KIE_WEBHOOK_HMAC_KEY` and the clock.",
  },
  not_found: { means: "No such path, or no such id of yours.", advice: "Check the path and the id." },
  model_not_found: { means: "No model has this name.", advice: "Choose a model of `GET /v1/models`." },
  method_not_allowed: {
    means: "The path exists, with other methods.",
    advice: "Use a method of the `Allow` header.",
  },
  generation_in_progress: {
    means: "The newest generation of the artwork still runs.",
    advice: "Wait for its end, or cancel it.",
  },
  idempotency_in_flight: {
    means: "The first request with this key still holds its answer.",
    advice: "Retry after `Retry-After`.",
  },
  not_cancelable: { means: "The generation has ended.", advice: "Read its status." },
  too_many_webhooks: {
    means: "The owner has the largest number of endpoints.",
    advice: "Delete a webhook first.",
  },
  webhook_disabled: { means: "The endpoint is switched off.", advice: "Enable the webhook first." },
  video_not_completed: {
    means: "The video still runs, or was never made.",
    advice: "Poll its status until the end.",
  },
  model_retired: {
    means: "The provider no longer runs the model.",
    advice: "Use the replacement that the answer names.",
  },
  body_too_large: { means: "The body exceeds the limit of the route.", advice: "Send a smaller body." },
  unsupported_media_type: {
    means: "The route does not accept this type of body or image.",
    advice: "Send a type that the answer names.",
  },
  range_not_satisfiable: {
    means: "The range starts after the end of the file.",
    advice: "Request a range within the file.",
  },
  invalid_fields: {
    means: "At least one field is wrong; `errors` has all of them.",
    advice: "Correct the fields.",
  },
  idempotency_key_reused: {
    means: "An earlier request had this key and another body.",
    advice: "Use a new key for another request.",
  },
  upgrade_required: {
    means: "The path speaks WebSocket only.",
    advice: "Open a WebSocket, or use the event stream.",
  },
  internal_error: {
    means: "The service has a fault.",
    advice: "Retry with the same `Idempotency-Key`; report `requestId`.",
  },
  auth_not_configured: {
    means: "The service has no key and refuses every request.",
    advice: "The operator sets `API_KEY`.",
  },
  misconfigured: {
    means: "A variable has an invalid value.",
    advice: "The operator corrects the named variable.",
  },
  provider_credits_exhausted: {
    means: "The provider's account has no credits.",
    advice: "The operator adds credits. Retry later.",
  },
  provider_key_invalid: {
    means: "The provider refuses the service's key.",
    advice: "The operator replaces the provider's key.",
  },
  provider_not_configured: {
    means: "The model's provider is not set up here.",
    advice: "The operator sets the named variables.",
  },
  upload_host_unreachable: {
    means: "The provider cannot fetch uploads from this service.",
    advice: "The operator corrects `UPLOAD_HOST`.",
  },
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
