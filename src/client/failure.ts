/** How calls fail, and after which failures trying again makes sense. */
import { DarkroomError } from "./error.ts";
import type { FieldError } from "./error.ts";

interface ProblemBody {
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
  readonly error?: { readonly code?: string };
}

/** Seconds that a `Retry-After` asks for, of either form; null when there is none. */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** The error in an answer. An answer of a proxy has a status only. */
export async function errorOf(response: Response): Promise<DarkroomError> {
  const body = await response.json().then(
    (json): ProblemBody => (typeof json === "object" && json !== null ? json : {}),
    (): ProblemBody => ({}),
  );
  const message = body.detail ?? `The service answered ${response.status}.`;
  return new DarkroomError(message, {
    status: response.status,
    code: body.error?.code ?? `http_${response.status}`,
    requestId: body.requestId ?? response.headers.get("X-Request-Id"),
    errors: body.errors ?? [],
    retryAfter: secondsOf(response.headers.get("Retry-After")),
  });
}

/** No answer at all, or one that broke off. */
export const networkError = (cause: unknown): DarkroomError =>
  new DarkroomError(
    "The service cannot be reached.",
    { status: 0, code: "network_error", requestId: null, errors: [], retryAfter: null },
    cause,
  );

/** An answer without the body that it should have. */
export const emptyAnswer = (): DarkroomError => networkError(new Error("The answer is empty."));

/** Whether the same call may succeed later: no answer, 5xx, 429, or the first try is still being answered. */
export const mayPass = ({ status, code }: DarkroomError): boolean =>
  status === 0 ||
  status >= 500 ||
  status === 429 ||
  status === 408 ||
  (status === 409 && code === "idempotency_in_flight");
