/** The error of an accepted request that gave no result. */
import { artworkUrls } from "../../domain/artworks/present.ts";
import { pathOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { originOf } from "../../http/context.ts";
import { iso, SECOND } from "../../lib/time.ts";
import { LONGEST_HOLD } from "../shared/hold.ts";
import type { FailedOutcome } from "../shared/outcome.ts";
import { problemBody } from "../shared/problem-body.ts";

/** URL of the state and the result of an accepted request. */
export const statusUrl = (c: AppContext, artworkId: string): string =>
  artworkUrls(originOf(c), artworkId).status;

interface OutcomeError {
  readonly status: 400 | 404 | 504;
  readonly code: string;
  readonly message: string;
}

/**
 * A failed generation answers 400, whoever caused the failure: it was accepted and may be paid, and some clients repeat
 * every 5xx without a mark and would pay again.
 */
function errorOf(outcome: FailedOutcome, url: string): OutcomeError {
  switch (outcome.kind) {
    case "deleted":
      return { status: 404, code: "not_found", message: "The artwork was deleted." };
    case "canceled":
      return { status: 400, code: "canceled", message: "The generation was canceled." };
    case "failed":
      return { status: 400, code: outcome.code, message: outcome.message };
    case "expired": {
      const message = `The result expired at ${iso(outcome.expiresAt)}. Send a new request to make a new one.`;
      return { status: 400, code: "result_expired", message };
    }
    case "still_running": {
      const message = `The generation is not ready after ${LONGEST_HOLD / SECOND} seconds. It continues and is billed: fetch its result from ${url}.`;
      return { status: 504, code: "still_running", message };
    }
    case "wait_failed": {
      const message = `Internal error while waiting. The generation continues and is billed: fetch its result from ${url}.`;
      return { status: 400, code: "internal_error", message };
    }
  }
}

/** Codes of errors that the request caused; the provider or this service causes the others. */
const CAUSED_BY_REQUEST: ReadonlySet<string> = new Set([
  "canceled",
  "content_policy",
  "input_unreachable",
  "invalid_input_upstream",
  "not_found",
  "result_expired",
]);

/** Status and body of the error. It names the artwork, so that the client can fetch later what was paid for. */
export function outcomeError(c: AppContext, outcome: FailedOutcome, artworkId: string) {
  const url = statusUrl(c, artworkId);
  const { status, code, message: detail } = errorOf(outcome, url);
  const title = "The generation gave no result";
  const { requestId } = c.var;
  const body = problemBody({ code, title, status, detail, path: pathOf(c), requestId });
  const type = CAUSED_BY_REQUEST.has(code) ? "invalid_request_error" : "server_error";
  const artwork = { id: artworkId, status_url: url };
  return { status, body: { ...body, error: { ...body.error, type, artwork } } };
}
