import { describeIssues } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";

/** Why a request was refused before anything was written or paid. Each dialect turns the code into its own error. */
export interface Refusal {
  readonly refused:
    | "invalid_fields"
    | "not_found"
    | "model_not_found"
    | "generation_in_progress"
    | "not_cancelable"
    | "too_many_webhooks"
    | "webhook_disabled"
    | "video_not_completed"
    | "model_retired"
    | "provider_not_configured"
    | "body_too_large"
    | "unsupported_media_type"
    | "upload_host_unreachable"
    | "provider_credits_exhausted"
    | "provider_key_invalid"
    | "idempotency_key_reused"
    | "idempotency_in_flight";
  /** A sentence for a person. */
  readonly message: string;
  readonly issues?: readonly FieldIssue[];
}

export const isRefusal = (value: object): value is Refusal => "refused" in value;

export const refuseFields = (issues: readonly FieldIssue[]): Refusal => ({
  refused: "invalid_fields",
  message: describeIssues(issues),
  issues,
});

export const artworkNotFound: Refusal = {
  refused: "not_found",
  message: "Artwork not found.",
};
