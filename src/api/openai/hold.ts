import type { AppContext } from "../../http/context.ts";
import { holdAnswer } from "../shared/hold.ts";
import type { JsonAnswer } from "../shared/hold.ts";
import { DO_NOT_RETRY } from "./errors.ts";

/** A JSON answer with the status that it has if no byte was sent before it. */
export interface StatusAnswer extends JsonAnswer {
  readonly status: 200 | 400 | 404 | 504;
}

/** Responds with the result of `work`, or with whitespace until it is known. `work` must not throw. */
export async function answerHeld(
  c: AppContext,
  work: (gone: AbortSignal) => Promise<StatusAnswer>,
): Promise<Response> {
  const held = await holdAnswer(work);
  const status = held.kind === "early" ? held.answer.status : 200;
  const headers = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...(status === 200 ? {} : DO_NOT_RETRY),
  };
  return c.body(held.body, status, headers);
}
