/** A field that was refused. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
  readonly code: string;
}

export interface ErrorDetails {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** For machines, such as `invalid_fields`; `network_error` when there was no answer. */
  readonly code: string;
  /** Names the request to those who run the service. */
  readonly requestId: string | null;
  /** Every field that was refused. */
  readonly errors: readonly FieldError[];
  /** Seconds after which the service wants to be asked again. */
  readonly retryAfter: number | null;
}

/** What every call throws when it fails, unless its own signal ended it. */
export class DarkroomError extends Error implements ErrorDetails {
  override readonly name: string = "DarkroomError";
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
  readonly retryAfter: number | null;

  constructor(message: string, details: ErrorDetails, cause?: unknown) {
    super(message, { cause });
    this.status = details.status;
    this.code = details.code;
    this.requestId = details.requestId;
    this.errors = details.errors;
    this.retryAfter = details.retryAfter;
  }
}
