/** Bodies that are a form or JSON. */
import type * as z from "zod/mini";
import { parse } from "../lib/issues.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./dialect.ts";
import { isForm, readForm } from "./upload-body.ts";
import { invalid, json } from "./validate.ts";
import type { Parsed } from "./validate.ts";

const MEBIBYTE = 1024 * 1024;
/** An image of 10 MB in base64, and the other fields. */
const MOST_BODY_BYTES = 15 * MEBIBYTE;

const tooLarge = (c: AppContext, most: number): Response =>
  problem(c, { code: "body_too_large", detail: `The form is larger than ${most / MEBIBYTE} MB.` });

/** `list[]` or `object[key]`: lists and objects in forms. */
const NESTED = /^([^[\]]+)\[([^[\]]*)\]$/;

/** The fields of a form as an object. A repeated name becomes a list, which a field with one value rejects. */
export function fieldsOfForm(form: FormData): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const add = (name: string, value: unknown) =>
    fields.set(name, fields.has(name) ? [fields.get(name), value].flat() : value);
  const objects = new Map<string, Map<string, unknown>>();
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    const value: unknown = values.length === 1 ? values[0] : values;
    const [, outer, inner] = NESTED.exec(name) ?? [];
    if (outer === undefined || inner === undefined) add(name, value);
    else if (inner === "") add(outer, values);
    else objects.set(outer, (objects.get(outer) ?? new Map<string, unknown>()).set(inner, value));
  }
  for (const [name, entries] of objects) add(name, Object.fromEntries(entries));
  return Object.fromEntries(fields);
}

interface Options {
  readonly mostJsonBytes?: number;
  readonly mostFormBytes?: number;
  /** Gives the texts of a form the types that JSON would have. */
  readonly withTypes?: (fields: Record<string, unknown>) => Record<string, unknown>;
}

/** Parses a form or JSON by one schema. Files of a form are `Blob`s. */
export function jsonOrForm<Schema extends z.ZodMiniType<object>>(
  schema: Schema,
  {
    mostJsonBytes = MOST_BODY_BYTES,
    mostFormBytes = MOST_BODY_BYTES,
    withTypes = (fields) => fields,
  }: Options = {},
): Parsed<"json", Schema> {
  const parseJson = json(schema, { mostBytes: mostJsonBytes, mayBeForm: true });
  return async (c, next) => {
    if (!isForm(c)) return await parseJson(c, next);
    const form = await readForm(c, mostFormBytes);
    if (form === "too large") return tooLarge(c, mostFormBytes);
    if (form instanceof Response) return form;
    const parsed = parse(schema, withTypes(fieldsOfForm(form)));
    if (!parsed.success) return invalid(c, parsed.error);
    c.req.addValidatedData("json", parsed.data);
    return await next();
  };
}
