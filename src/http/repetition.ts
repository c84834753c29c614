import { refuseFields } from "../domain/refusal.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Repetition } from "../domain/requests/idempotency.ts";
import type { AppContext } from "./context.ts";

/** Printable ASCII, as in the header's draft standard, and no longer than any client needs. */
const KEY = /^[\x20-\x7e]{1,255}$/;
/** OpenAI's clients, and clients generated like them, count their retries in this header. */
const RETRY_COUNT = "x-stainless-retry-count";

/** Reads `Idempotency-Key` and the mark of a client's retry. Refuses an invalid key. */
export function readRepetition(c: AppContext): Repetition | Refusal {
  const key = c.req.header("Idempotency-Key") ?? null;
  if (key !== null && !KEY.test(key)) {
    const message = "must be 1 to 255 printable ASCII characters";
    return refuseFields([{ path: "Idempotency-Key", message, code: "invalid_header" }]);
  }
  const isClientRetry = Number(c.req.header(RETRY_COUNT) ?? 0) > 0;
  return { key, isClientRetry, arrivedAt: c.var.arrivedAt };
}
