import type { MiddlewareHandler } from "hono";
import type * as z from "zod/mini";
import { refuseFields } from "../domain/refusal.ts";
import { fieldIssues, parse } from "../lib/issues.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { MOST_DRAINED } from "./drain.ts";
import { problem, refuse } from "./dialect.ts";

const MEBIBYTE = 1024 * 1024;
/** JSON requests carry URLs, not bytes of images. */
const MOST_BODY_BYTES = MEBIBYTE;

/** No request needs more, and recursive code would exhaust the stack. */
const MOST_LEVELS = 32;

function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return level.length > 0;
}

export type Parsed<Target extends string, Schema extends z.ZodMiniType> = MiddlewareHandler<
  AppEnv,
  string,
  { in: Record<Target, z.input<Schema>>; out: Record<Target, z.output<Schema>> }
>;

/** Parses a JSON body: 415 for another type, 413 over 1 MB (or `mostBytes`), 400 when malformed, 422 naming every bad field. */
export const json = <Schema extends z.ZodMiniType<object>>(
  schema: Schema,
  options: {
    readonly emptyIsObject?: boolean;
    readonly mostBytes?: number;
    readonly mayBeForm?: boolean;
  } = {},
): Parsed<"json", Schema> =>
  async function parseJson(c, next) {
    const text = await readText(c, options.mostBytes);
    if (text instanceof Response) return text;
    const isEmpty = text.trim() === "" && options.emptyIsObject === true;
    const type = c.req.header("Content-Type") ?? "application/json";
    if (!isEmpty && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
      return problem(c, {
        code: "unsupported_media_type",
        detail:
          options.mayBeForm === true
            ? "Send JSON (application/json) or a form (multipart/form-data)."
            : "Send a JSON body with Content-Type: application/json.",
      });
    }
    const value = isEmpty ? {} : parseJsonText(text);
    if (value === undefined) {
      return problem(c, { code: "malformed_json", detail: "The body is not valid JSON." });
    }
    if (isTooDeep(value)) {
      const detail = `The body is nested deeper than ${MOST_LEVELS} levels.`;
      return problem(c, {
        code: "invalid_fields",
        detail,
        issues: [{ path: "", message: detail, code: "too_deep" }],
      });
    }
    const parsed = parse(schema, value);
    if (!parsed.success) return invalid(c, parsed.error);
    c.req.addValidatedData("json", parsed.data);
    return await next();
  };

/** Parses the query: 422 naming every bad parameter. */
export const query = <Schema extends z.ZodMiniType<object>>(schema: Schema): Parsed<"query", Schema> =>
  async function parseQuery(c, next) {
    const parsed = parse(schema, c.req.query());
    if (!parsed.success) return invalid(c, parsed.error);
    c.req.addValidatedData("query", parsed.data);
    return await next();
  };

/** The response to an invalid value: 422 naming every bad field. */
export const invalid = (c: AppContext, error: z.core.$ZodError): Response =>
  refuse(c, refuseFields(fieldIssues(error)));

/** Parses JSON; undefined when malformed. */
function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A body as text: 413 over 1 MB (or `most` bytes), 400 when it is not UTF-8 or incomplete. */
export async function readText(c: AppContext, most = MOST_BODY_BYTES): Promise<string | Response> {
  const tooLarge = () =>
    problem(c, { code: "body_too_large", detail: `The body is larger than ${most / MEBIBYTE} MB.` });
  if (Number(c.req.header("Content-Length") ?? 0) > most) return tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      bytes += chunk.length;
      if (bytes <= most) text += decoder.decode(chunk, { stream: true });
      // Discards the excess bytes (see `drain`), so that the caller sees the response.
      else if (bytes > most + MOST_DRAINED) break;
    }
    return bytes > most ? tooLarge() : text + decoder.decode();
  } catch {
    return problem(c, { code: "malformed_json", detail: "The body is not UTF-8, or is incomplete." });
  }
}
