/** Bodies that are a form or JSON, as OpenAI's clients have it. */
import type * as z from "zod/mini";
import { parse } from "../lib/issues.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";
import { readForm } from "./upload-body.ts";
import { invalid, json } from "./validate.ts";
import type { Parsed } from "./validate.ts";

/** A picture of 10 MB in base64, and the other fields. */
const MOST_BODY_BYTES = 15 * 1024 * 1024;

const tooLarge = (c: AppContext): Response =>
  problem(c, { code: "body_too_large", detail: "The body is larger than 15 MB." });

/** `list[]`, or `object[key]`: how forms spell lists and objects. */
const NESTED = /^([^[\]]+)\[([^[\]]*)\]$/;

/** A form's fields as an object. A name that comes twice is a list of its values, which no field of one value takes. */
function fieldsOf(form: FormData): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const objects = new Map<string, Map<string, unknown>>();
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    const value: unknown = values.length === 1 ? values[0] : values;
    const [, outer, inner] = NESTED.exec(name) ?? [];
    if (outer === undefined || inner === undefined) fields.set(name, value);
    else if (inner === "") fields.set(outer, values);
    else objects.set(outer, (objects.get(outer) ?? new Map<string, unknown>()).set(inner, value));
  }
  for (const [name, entries] of objects) {
    const object = Object.fromEntries(entries);
    fields.set(name, fields.has(name) ? [fields.get(name), object] : object);
  }
  return Object.fromEntries(fields);
}

/** Parses a body that is a form or JSON, by the same schema. Files of a form are `Blob`s. */
export function jsonOrForm<Schema extends z.ZodMiniType<object>>(schema: Schema): Parsed<"json", Schema> {
  const parseJson = json(schema, { mostBytes: MOST_BODY_BYTES });
  return async (c, next) => {
    const type = c.req.header("Content-Type") ?? "";
    if (!/^multipart\/form-data\b/i.test(type)) return await parseJson(c, next);
    const form = await readForm(c, MOST_BODY_BYTES);
    if (form === "too large") return tooLarge(c);
    if (form instanceof Response) return form;
    const parsed = parse(schema, fieldsOf(form));
    if (!parsed.success) return invalid(c, parsed.error);
    c.req.addValidatedData("json", parsed.data);
    return await next();
  };
}
