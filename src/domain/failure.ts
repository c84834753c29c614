/**
 * Why a generation failed. `retryable` says whether the same request, made again as a new generation,
 * has a chance; the sentence is for the person who asked.
 */
export const FAILURES = {
  content_policy: {
    retryable: false,
    message: "The provider refused the prompt or image under its content policy.",
  },
  invalid_input_upstream: { retryable: false, message: "The provider refused the request's fields." },
  input_unreachable: {
    retryable: false,
    message: "The provider could not fetch an input image. Check that its URL is public.",
  },
  provider_error: { retryable: true, message: "The provider failed to make it." },
  provider_credits_exhausted: {
    retryable: true,
    message: "The provider account of this service is out of credits. Its operator has to top it up.",
  },
  provider_key_invalid: {
    retryable: true,
    message: "The provider refused this service's key. Its operator has to replace it.",
  },
  model_unavailable: {
    retryable: true,
    message: "The provider does not offer this model at the moment. Try another model.",
  },
  timed_out: { retryable: true, message: "It was not ready by its deadline." },
  outcome_unknown: {
    retryable: true,
    message:
      "The provider never confirmed that it took the job. It may have been billed. If the result still arrives it is kept; regenerate makes a new job.",
  },
  result_unusable: { retryable: true, message: "The provider's result is not a usable image or video." },
  result_lost: {
    retryable: true,
    message: "The provider's link to the result stopped working before the bytes could be copied.",
  },
  no_result: { retryable: true, message: "The provider reported success but gave no result." },
} as const satisfies Record<string, { retryable: boolean; message: string }>;

export type FailureCode = keyof typeof FAILURES;

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** The longest quotation of a provider, in characters, on one line: it is foreign text. */
const QUOTE_LENGTH = 200;

/** A failure with Darkroom's sentence and, where there is one, the provider's. */
export function failure(code: FailureCode, said?: string | null): Failure {
  return { code, message: withWords(FAILURES[code].message, said) };
}

/** A sentence with the provider's words appended, where there are any. */
export function withWords(message: string, said?: string | null): string {
  const words = (said ?? "").replace(/\s+/g, " ").trim().slice(0, QUOTE_LENGTH);
  return words === "" ? message : `${message} It said: ${words}`;
}

/** Failures of the credential, not of the job: nothing was made, and another credential may make it. */
const CREDENTIAL_FAILURES = ["provider_credits_exhausted", "provider_key_invalid"] as const;
export type CredentialFailure = (typeof CREDENTIAL_FAILURES)[number];

/** A credential that the provider refused: its id, the reason and the time in epoch milliseconds. */
export interface RefusedCredential {
  readonly key: string;
  readonly code: CredentialFailure;
  readonly refusedAt: number;
}

export const isCredentialFailure = (code: FailureCode): code is CredentialFailure =>
  CREDENTIAL_FAILURES.some((known) => known === code);

/** The reason to report when credentials fail for different reasons: credits come back sooner than credentials. */
export const reasonAmong = (codes: readonly CredentialFailure[]): CredentialFailure =>
  CREDENTIAL_FAILURES.find((code) => codes.includes(code)) ?? "provider_key_invalid";

/** The one answer that could have brought the result did not come. */
export const answerLost: Failure = {
  code: "outcome_unknown",
  message:
    "The provider did not answer the one call that brings the result. It may have been billed, and nothing more can come of it; regenerate makes a new job.",
};

/** A job was accepted, and what it takes to make it is configured no more. */
export const notConfigured: Failure = {
  code: "model_unavailable",
  message: "This service can no longer make it; its operator changed its models or keys.",
};

/** The failure of a job whose uploads could not be made reachable. */
export const inputsUnreachable = (why: string): Failure => ({
  code: "input_unreachable",
  message: `An uploaded image could not be given to the provider: ${why}. The job was not sent.`,
});

/** A job that was kept waiting until its deadline fails for what it waited for last, not for its own slowness. */
export function neverStarted(row: {
  readonly inputTries: number;
  readonly attempts: readonly { readonly operation: unknown }[];
}): Failure {
  if (row.inputTries > 0) return inputsUnreachable("its host did not answer until the deadline");
  const busy = "The provider was busy until the deadline.";
  const message = row.attempts.some(({ operation }) => operation !== null)
    ? `${busy} This model was never started; what another one made of it before may have been billed.`
    : `${busy} The job was never started, and nothing is billed.`;
  return { code: "timed_out", message };
}

const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code);

/** Whether a new generation of the same request may succeed; a code from an older version counts as "may". */
export const isRetryable = (code: string): boolean => !isFailureCode(code) || FAILURES[code].retryable;

/** Why a result could not be kept, from what its last copy came to. */
export const lossReason = ({ problem }: { readonly problem: string | null }): FailureCode =>
  problem === "gone" || problem === "transient" ? "result_lost" : "result_unusable";

/** Failures after which the provider may still deliver. A late result was paid for and is stored. */
export const MAY_STILL_DELIVER: readonly string[] = [
  "timed_out",
  "outcome_unknown",
  // The record may have been read in the moment between its state and its links.
  "no_result",
] satisfies FailureCode[];
