export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** One line of JSON for each thing that happened. Prompts and keys never go in. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log;
}

/**
 * What is worth keeping of a thrown value: name, message, stack; never a whole object. A failed query's own message
 * holds its parameters (prompts, links), so its cause speaks for it.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const isQuery = error.message.startsWith("Failed query:");
  if (isQuery) return { ...describeError(error.cause), errorName: error.name };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { error: error.message, errorName: error.name, stack: error.stack, ...cause };
}

/** A log whose lines go to `write`; by default to the console method of their level. */
export function createLog(
  write: (level: LogLevel, line: string) => void = (level, line) => console[level](line),
  context: LogFields = {},
): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      write(level, JSON.stringify({ level, event, ...context, ...fields }));
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => createLog(write, { ...context, ...fields }),
  };
}
