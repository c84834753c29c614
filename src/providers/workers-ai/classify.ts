/** The meaning of Workers AI's codes for a generation. Facts: its table of errors and clients' recordings. Pure. */
import { failure } from "../../domain/failure.ts";
import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { SubmitOutcome } from "../../domain/ports/provider.ts";
import type { Envelope } from "./envelope.ts";
import { accountUnknown, credentialRefused } from "./messages.ts";

type Refusal = Extract<SubmitOutcome, { outcome: "refused" | "postponed" }>;

/** Codes that say more than the HTTP status they come with. */
const CODES: Readonly<Record<number, FailureCode>> = {
  3030: "content_policy",
  8007: "content_policy",
  3036: "provider_credits_exhausted",
  4006: "provider_credits_exhausted",
  3041: "model_unavailable",
  3042: "model_unavailable",
  5007: "model_unavailable",
  5016: "model_unavailable",
  5018: "model_unavailable",
};
/** "Could not route to …, perhaps your object identifier is invalid?" */
const ACCOUNT_CODES: ReadonlySet<number> = new Set([7000, 7003]);
/** "No more data centers to forward the request to". */
const OUT_OF_CAPACITY = 3040;

const TEXTS: readonly (readonly [RegExp, FailureCode])[] = [
  [/nsfw|content policy|flagged|moderation/i, "content_policy"],
  [/daily free allocation/i, "provider_credits_exhausted"],
];

const refused = (reason: Failure): Refusal => ({ outcome: "refused", failure: reason });

/** The refusal in an answer; null where an image may have been made. */
export function classifyRefusal(status: number, { errors }: Envelope): Refusal | null {
  const words = errors.map(({ message }) => message).join("; ");
  const codes = errors.flatMap(({ code }) => code ?? []);
  const coded = codes.flatMap((code) => CODES[code] ?? [])[0];
  const known = coded ?? TEXTS.find(([text]) => text.test(words))?.[1];
  if (known !== undefined) return refused(failure(known, words));
  if (codes.some((code) => ACCOUNT_CODES.has(code))) return refused(accountUnknown(words));
  if (status === 429) {
    const reason = codes.includes(OUT_OF_CAPACITY) ? "not_now" : "throttled";
    return { outcome: "postponed", reason, failure: failure("model_unavailable", words) };
  }
  return refusedBy(status, words);
}

function refusedBy(status: number, words: string): Refusal | null {
  if (status === 401 || status === 403) return refused(credentialRefused(words));
  if (status === 404) return refused(failure("model_unavailable", words));
  // 408 is its own timeout: the outcome is unknown.
  const isInvalid = status >= 400 && status < 500 && status !== 408;
  return isInvalid ? refused(failure("invalid_input_upstream", words)) : null;
}
