import { storeFinalResponse } from "../../domain/requests/idempotency.ts";
import type { IdempotencyOptions, Repetition, StoredAnswer } from "../../domain/requests/idempotency.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { isRefusal, refuseFields } from "../../domain/refusal.ts";
import type { Requested } from "../../domain/requests/request.ts";
import { acceptedAnswer, pendingAnswer, preferredWait } from "./accepted.ts";
import type { AnswerOf } from "./accepted.ts";
import { wakeLater } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { refuse } from "../../http/problem.ts";
import { describeError } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";

/** Printable ASCII, as the draft of the header's standard has it, and no longer than any client needs. */
const KEY = /^[\x20-\x7e]{1,255}$/;
/** OpenAI's own clients, and what is generated like them, count their retries here. */
const RETRY_COUNT = "x-stainless-retry-count";
const REPLAYED = { "Idempotent-Replayed": "true" };

/** What a request says about repetition, or the answer that refuses it. */
export function repetitionOf(c: AppContext): Repetition | Response {
  const key = c.req.header("Idempotency-Key") ?? null;
  if (key !== null && !KEY.test(key)) return badKey(c);
  const isClientRetry = Number(c.req.header(RETRY_COUNT) ?? 0) > 0;
  return { key, isClientRetry, arrivedAt: c.var.arrivedAt };
}

/**
 * Accepts a request that spends, once for each `Idempotency-Key`. `route` names what is asked for, within the
 * caller's API: a key counts there alone. `request` records it. Answers what `answerOf` makes of the artwork, or a
 * replay, or why not.
 */
export async function acceptOnce(
  c: AppContext,
  route: string,
  request: (idempotency: IdempotencyOptions) => Promise<Requested>,
  answerOf: AnswerOf = acceptedAnswer,
): Promise<Response> {
  const repetition = repetitionOf(c);
  if (repetition instanceof Response) return repetition;
  const { key } = repetition;
  const wait = preferredWait(c.req.header("Prefer"));
  let first: StoredAnswer | null = null;
  const requested = await request({
    route,
    ...repetition,
    waitMs: (wait ?? 0) * SECOND,
    answer: async (made) => (first = await answerOf(c, made)),
  });
  if (isRefusal(requested)) return refuse(c, requested);
  if ("replay" in requested) return send(requested.replay, REPLAYED);
  wakeLater(c, requested.artwork.id);
  const isJoined = "isJoined" in requested;
  const replayed = isJoined ? REPLAYED : {};
  // What has joined another has left an answer of its own, which nobody is to get.
  const accepted = isJoined || first === null ? await answerOf(c, requested) : first;
  return wait === null
    ? send(accepted, replayed)
    : send(await awaitSafely(c, requested, { route, key, wait, accepted, answerOf }), {
        ...replayed,
        "Preference-Applied": `wait=${wait}`,
      });
}

interface PendingResponse {
  readonly route: string;
  readonly key: string | null;
  readonly wait: number;
  readonly accepted: StoredAnswer;
  readonly answerOf: AnswerOf;
}

/** The request is recorded and will be paid for: trouble while waiting must not look like a reason to repeat it. */
async function awaitSafely(
  c: AppContext,
  made: ArtworkWithGeneration,
  pending: PendingResponse,
): Promise<StoredAnswer> {
  try {
    return await awaitAnswer(c, made, pending);
  } catch (error) {
    c.var.deps.log.error("wait.failed", { artworkId: made.artwork.id, ...describeError(error) });
    return pending.accepted;
  }
}

async function awaitAnswer(
  c: AppContext,
  made: ArtworkWithGeneration,
  { route, key, wait, answerOf }: PendingResponse,
): Promise<StoredAnswer> {
  const answer = await pendingAnswer(c, made, wait, answerOf);
  if (key !== null) await storeFinalResponse(c.var.deps, { owner: c.var.caller.owner, route, key }, answer);
  return answer;
}

const send = (answer: StoredAnswer, headers: Record<string, string>): Response =>
  new Response(answer.body, {
    status: answer.status,
    headers: { "Content-Type": "application/json", Location: answer.location, ...headers },
  });

function badKey(c: AppContext): Response {
  const message = "must be 1 to 255 printable ASCII characters";
  return refuse(c, refuseFields([{ path: "Idempotency-Key", message, code: "invalid_header" }]));
}
