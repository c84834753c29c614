/** The meaning of KIE's codes for a generation. Facts: its code table and recordings of the live wire. Pure. */
import { failure } from "../../domain/failure.ts";
import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { SubmitOutcome } from "../../domain/ports/provider.ts";
import type { KieAnswer } from "./client.ts";

/**
 * Codes of a create call that say for certain that nothing was made. Every other code but 200 leaves it open.
 * A 500 belongs here only when its text is one of those that KIE uses for refusals.
 */
const REFUSALS: Readonly<Record<number, FailureCode>> = {
  400: "invalid_input_upstream",
  401: "provider_key_invalid",
  402: "provider_credits_exhausted",
  404: "model_unavailable",
  422: "invalid_input_upstream",
  433: "provider_credits_exhausted",
  451: "input_unreachable",
  505: "model_unavailable",
};

/** "Come back later": 429 is dropped, 455 is maintenance, 550 a full queue. Nothing was made. */
const POSTPONEMENTS: Readonly<Record<number, "throttled" | "not_now">> = {
  429: "throttled",
  455: "not_now",
  550: "not_now",
};

/** What `sora-2-*` answered on 2026-08-31, by clients of KIE. */
const PAUSED_TEXT = /\btemporarily paused\b/i;

/** An id that the market does not know is refused as a 422, like a field that does not fit. */
const UNKNOWN_MODEL_TEXT =
  /\bmodel\b.{0,60}\b(not (found|supported|exist)|does not exist|unsupported|unknown)/i;

/** Texts that come with code 500 and mean a refusal; any other 500 may have made a task. */
const REFUSING_TEXTS: readonly (readonly [RegExp, FailureCode])[] = [
  [/\bis required\b/i, "invalid_input_upstream"],
  [/\bsafety tolerance out of range\b/i, "invalid_input_upstream"],
  [PAUSED_TEXT, "model_unavailable"],
  [/\bcredits insufficient\b/i, "provider_credits_exhausted"],
];

/** Also inside words: a jobs failure says `CONTENT_POLICY_BLOCKED…` with code 422. */
const POLICY_TEXT = /polic(y|ies)|moderat|sensitive|flagged|nsfw|prohibited|guardrail/i;
const UNREACHABLE_TEXT = /media file is unavailable|\b(fetch|download|access|load)\b.{0,30}(image|file|url)/i;

/** A create call's answer without a task: the refusal, or an unknown outcome. */
export function classifyRefusal(
  answer: KieAnswer,
):
  | Exclude<SubmitOutcome, { outcome: "accepted" | "unknown" }>
  | { readonly outcome: "unknown"; readonly reason: string } {
  if (answer.kind === "silent") return { outcome: "unknown", reason: answer.reason };
  if (answer.kind === "unreadable") return classifyHttp(answer);
  const { code, message } = answer;
  const postponed = POSTPONEMENTS[code];
  if (postponed !== undefined) {
    return { outcome: "postponed", reason: postponed, failure: failure("model_unavailable", message) };
  }
  const refused = REFUSALS[code] ?? (code === 500 ? refusingText(message) : undefined);
  if (refused === undefined) return { outcome: "unknown", reason: `code ${code}` };
  const precise = refused === "invalid_input_upstream" ? invalidInput(message) : refused;
  return { outcome: "refused", failure: failure(precise, message) };
}

/** A 400 or 422 says what it is about in its text only. */
function invalidInput(message: string): FailureCode {
  if (POLICY_TEXT.test(message)) return "content_policy";
  if (UNREACHABLE_TEXT.test(message)) return "input_unreachable";
  return UNKNOWN_MODEL_TEXT.test(message) ? "model_unavailable" : "invalid_input_upstream";
}

const refusingText = (message: string): FailureCode | undefined =>
  REFUSING_TEXTS.find(([pattern]) => pattern.test(message))?.[1];

/** No envelope. Only the edge's own refusal and a plain 429 are sure that nothing was made. */
function classifyHttp({
  httpStatus,
  isFromEdge,
}: Extract<KieAnswer, { kind: "unreadable" }>): ReturnType<typeof classifyRefusal> {
  if (httpStatus === 429) {
    return { outcome: "postponed", reason: "throttled", failure: failure("provider_error") };
  }
  return isFromEdge
    ? { outcome: "refused", failure: failure("provider_error", `HTTP ${httpStatus}`) }
    : { outcome: "unknown", reason: `HTTP ${httpStatus}` };
}

/** Why a task that had been accepted failed. `code` is the record's own error code, a number or numeric text. */
export function taskFailure(code: unknown, message: string | null): Failure {
  const said = message ?? "";
  if (UNREACHABLE_TEXT.test(said) && !POLICY_TEXT.test(said)) return failure("input_unreachable", said);
  const number = Number(code);
  if (number === 451) return failure("input_unreachable", said);
  if (number === 402) return failure("provider_credits_exhausted", said);
  if ([455, 505, 550].includes(number) || PAUSED_TEXT.test(said)) return failure("model_unavailable", said);
  // 400 is the families' word for moderation: what is malformed has been refused at the create call.
  if (number === 400 || POLICY_TEXT.test(said)) return failure("content_policy", said);
  if (number === 422) return failure("invalid_input_upstream", said);
  return failure("provider_error", said);
}
