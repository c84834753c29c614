/** From a request, as a caller spells it, to the fields of the wire. Pure. */
import * as z from "zod/mini";
import { fieldIssues, parse } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";
import { getOwn } from "../lib/get-own.ts";
import { COMMON_FIELDS } from "./common-fields.ts";
import type { CommonField, CommonRequest } from "./common-fields.ts";
import type { FieldMapping, ModelDefaults, ModelSpec, Prepared, WireInput } from "./model.ts";

interface Gathered {
  readonly wire: Record<string, unknown>;
  readonly issues: FieldIssue[];
}

/** The wire's value for one of ours; undefined when the mapping has none. */
function wireValue({ values, toWire }: FieldMapping, value: unknown): unknown {
  if (values !== undefined) return getOwn(values, String(value));
  return toWire === undefined ? value : toWire(value);
}

/** Brings common and own fields together under their wire names; a field given both ways is an issue. */
function gather(spec: ModelSpec, request: CommonRequest): Gathered {
  const wire: Record<string, unknown> = { ...request.input };
  const issues: FieldIssue[] = [];
  for (const name of COMMON_FIELDS) {
    const value = request[name];
    if (value === undefined) continue;
    const mapping = spec.common[name];
    if (mapping === undefined) {
      if (name === "variants" && value === 1) continue;
      issues.push({ path: name, message: `is not taken by ${spec.id}`, code: "unsupported_field" });
    } else if (mapping.field in (request.input ?? {})) {
      const message = `is given twice: here and as input.${mapping.field}`;
      issues.push({ path: name, message, code: "given_twice" });
    } else {
      const wanted = wireValue(mapping, value);
      if (wanted === undefined) issues.push(unmapped(name, mapping));
      else wire[mapping.field] = wanted;
    }
  }
  return { wire, issues };
}

const unmapped = (path: CommonField, { values = {} }: FieldMapping): FieldIssue => ({
  path,
  message: `must be one of ${Object.keys(values).join(", ")}`,
  code: "invalid_value",
});

/** The operator's ratio and format, where the model has the field, takes the value and the caller gives none. */
function operatorDefaults(spec: ModelSpec, wire: WireInput, operator: ModelDefaults): WireInput {
  const hasOwnRatio = spec.ratioSource !== undefined && spec.ratioSource in wire;
  const names = hasOwnRatio ? (["outputFormat"] as const) : (["aspectRatio", "outputFormat"] as const);
  const taken = names.flatMap((name) => {
    const mapping = spec.common[name];
    const schema = mapping && spec.input.shape[mapping.field];
    if (mapping === undefined || schema === undefined) return [];
    const value = wireValue(mapping, operator[name]);
    return value !== undefined && z.safeParse(schema, value).success ? [[mapping.field, value] as const] : [];
  });
  return { ...Object.fromEntries(taken), ...spec.moreDefaults?.(wire, operator) };
}

function urlIssues(
  spec: ModelSpec,
  wire: WireInput,
  problemOf: (url: string) => string | null,
  rename: (path: readonly PropertyKey[]) => string,
): FieldIssue[] {
  return [spec.common.images, spec.common.mask].flatMap((mapping) => {
    if (mapping === undefined) return [];
    const { field } = mapping;
    const value = wire[field];
    const urls = Array.isArray(value) ? value : [value];
    return urls.flatMap((url: unknown, index) => {
      const message = typeof url === "string" ? problemOf(url) : null;
      const path = Array.isArray(value) ? [field, index] : [field];
      return message === null ? [] : [{ path: rename(path), message, code: "invalid_url" }];
    });
  });
}

/** The caller's spelling of a wire path: the common field it came from, else `input.<field>`. */
function callerPath(spec: ModelSpec, request: CommonRequest, path: readonly PropertyKey[]): string {
  const [field = "", ...rest] = path.map(String);
  const source = COMMON_FIELDS.find((name) => spec.common[name]?.field === field);
  if (source === undefined || field in (request.input ?? {})) return ["input", field, ...rest].join(".");
  return source === "images" ? ["images", ...rest].join(".") : source;
}

/** Maps a request to the model's wire fields and validates it; every bad field at once. */
export function prepare(
  spec: ModelSpec,
  request: CommonRequest,
  operator: ModelDefaults,
  urlProblem: (url: string) => string | null,
): Prepared {
  const { wire, issues } = gather(spec, request);
  const full = { ...spec.defaults, ...operatorDefaults(spec, wire, operator), ...wire };
  const parsed = parse(spec.input, full);
  const rename = (path: readonly PropertyKey[]) => callerPath(spec, request, path);
  const found = parsed.success ? [] : fieldIssues(parsed.error, rename);
  const ofUrls = urlIssues(spec, wire, urlProblem, rename);
  for (const issue of [...found, ...ofUrls]) {
    if (!issues.some((known) => known.path === issue.path)) issues.push(issue);
  }
  if (issues.length > 0 || !parsed.success) return { ok: false, issues };
  return { ok: true, input: parsed.data };
}
