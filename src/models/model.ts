import * as z from "zod/mini";
import { fieldIssues, parse } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";

export type Kind = "image" | "video";

/** The fields that every model shares, as a caller spells them. `input` holds the model's own. */
export interface CommonRequest {
  readonly prompt?: string | undefined;
  readonly aspectRatio?: string | undefined;
  readonly outputFormat?: string | undefined;
  readonly images?: readonly string[] | undefined;
  readonly variants?: number | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
}

const COMMON_FIELDS = [
  "prompt",
  "aspectRatio",
  "outputFormat",
  "images",
  "variants",
] as const satisfies readonly (keyof CommonRequest)[];
export type CommonField = (typeof COMMON_FIELDS)[number];

/** The operator's defaults, used where the caller says nothing and the model takes the field. */
export interface ModelDefaults {
  readonly aspectRatio: string;
  readonly outputFormat: string;
  readonly safetyTolerance: number;
}

export type WireInput = Readonly<Record<string, unknown>>;

/** How a common field reaches the wire: its name there, and its value where that differs. */
export interface FieldMapping {
  readonly field: string;
  readonly toWire?: (value: unknown) => unknown;
}

export interface Limits {
  /** Characters. */
  readonly prompt: number;
  readonly images: number;
}

export interface ModelSpec {
  /** The upstream's own id, which is also ours. */
  readonly id: string;
  readonly family: string;
  readonly kind: Kind;
  /** Which wire carries it: the key of a protocol in `providers/`. */
  readonly protocol: string;
  /** The upstream's fields by their wire names, without those that the protocol adds itself. */
  readonly input: z.ZodMiniType<WireInput, WireInput>;
  readonly common: Readonly<Partial<Record<CommonField, FieldMapping>>>;
  /** Wire fields that hold URLs (one or a list), checked like every URL from outside. */
  readonly urlFields: readonly string[];
  /** What to send where the caller said nothing. */
  readonly defaults: (given: WireInput, defaults: ModelDefaults) => WireInput;
  readonly limits: Limits;
  /** Price of one generation in the upstream's credits. */
  readonly credits: number;
  readonly deadlineSeconds: number;
  readonly notice: string | null;
  /** ISO date from which the upstream refuses the model; only where that date is certain. */
  readonly retiresAt: string | null;
  readonly replacement: string | null;
  /** A request body that works. */
  readonly example: CommonRequest;
}

export type Prepared =
  | { readonly ok: true; readonly input: WireInput; readonly credits: number }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

export interface Model extends Omit<ModelSpec, "input" | "common" | "urlFields" | "defaults"> {
  /** JSON Schema of the upstream's fields. */
  readonly inputSchema: () => unknown;
  /** Maps and validates a request; all bad fields at once. Does no I/O. */
  readonly prepare: (
    request: CommonRequest,
    defaults: ModelDefaults,
    urlProblem: (url: string) => string | null,
  ) => Prepared;
}

interface Gathered {
  readonly wire: Record<string, unknown>;
  readonly issues: FieldIssue[];
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
      wire[mapping.field] = mapping.toWire === undefined ? value : mapping.toWire(value);
    }
  }
  return { wire, issues };
}

function urlIssues(
  spec: ModelSpec,
  wire: WireInput,
  problemOf: (url: string) => string | null,
): FieldIssue[] {
  return spec.urlFields.flatMap((field) => {
    const value = wire[field];
    const urls = Array.isArray(value) ? value : [value];
    return urls.flatMap((url: unknown, index) => {
      const message = typeof url === "string" ? problemOf(url) : null;
      const path = Array.isArray(value) ? `${field}.${index}` : field;
      return message === null ? [] : [{ path, message, code: "invalid_url" }];
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

/** Turns a spec into a model: exact inside, any request body outside. */
export function defineModel(spec: ModelSpec): Model {
  const { input, common: _common, urlFields: _urlFields, defaults, ...described } = spec;
  return {
    ...described,
    inputSchema: () => z.toJSONSchema(input, { io: "input", unrepresentable: "any" }),
    prepare: (request, operatorDefaults, urlProblem) => {
      const { wire, issues } = gather(spec, request);
      const parsed = parse(input, { ...defaults(wire, operatorDefaults), ...wire });
      const rename = (path: readonly PropertyKey[]) => callerPath(spec, request, path);
      if (!parsed.success) issues.push(...fieldIssues(parsed.error, rename));
      for (const issue of urlIssues(spec, wire, urlProblem)) {
        const path = rename(issue.path.split("."));
        if (!issues.some((known) => known.path === path)) issues.push({ ...issue, path });
      }
      if (issues.length > 0 || !parsed.success) return { ok: false, issues };
      return { ok: true, input: parsed.data, credits: spec.credits };
    },
  };
}
