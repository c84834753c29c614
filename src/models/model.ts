import * as z from "zod/mini";
import { fieldIssues, parse } from "../lib/issues.ts";
import type { FieldIssue } from "../lib/issues.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import { limitsOf } from "./limits.ts";
import type { Limits } from "./limits.ts";

/** `any`: what an unlisted model makes is known when its bytes are there, see any-market-model.ts. */
export type Kind = "image" | "video" | "any";

/** The fields that every model shares, as a caller spells them. `input` holds the model's own. */
export interface CommonRequest {
  readonly prompt?: string | undefined;
  readonly aspectRatio?: string | undefined;
  readonly outputFormat?: string | undefined;
  readonly images?: readonly string[] | undefined;
  readonly variants?: number | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
}

export const COMMON_FIELDS = [
  "prompt",
  "aspectRatio",
  "outputFormat",
  "images",
  "variants",
] as const satisfies readonly (keyof CommonRequest)[];
export type CommonField = (typeof COMMON_FIELDS)[number];

/** The operator's defaults, used where the caller says nothing and the model takes the field and the value. */
export interface ModelDefaults {
  readonly aspectRatio: string;
  readonly outputFormat: string;
  readonly safetyTolerance: number;
}

export type WireInput = Readonly<Record<string, unknown>>;

/** How a common field reaches the wire: its name there, and its value where that differs. */
export interface FieldMapping {
  readonly field: string;
  /** Our values and the wire's; any other value of ours is refused. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly toWire?: (value: unknown) => unknown;
}

/** A price that holds when each of these wire fields has one of these values. */
export interface PriceRule {
  readonly when: Readonly<Record<string, readonly unknown[]>>;
  readonly credits: number | null;
}

export interface ModelSpec {
  /** The upstream's own id, which is also ours. */
  readonly id: string;
  readonly family: string;
  readonly kind: Kind;
  /** Which wire carries it: the key of a protocol in `providers/`. */
  readonly protocol: string;
  /** The upstream's fields by their wire names, without those that the protocol adds itself. */
  readonly input: z.ZodMiniType<WireInput, WireInput> & {
    readonly shape: Readonly<Record<string, z.core.$ZodType>>;
  };
  readonly common: Readonly<Partial<Record<CommonField, FieldMapping>>>;
  /** Wire fields that hold URLs beside that of `images`, checked like every URL from outside. */
  readonly moreUrlFields?: readonly string[];
  /** Values of fields that the upstream requires, for a request where neither caller nor operator gives one. */
  readonly fallbacks?: WireInput;
  /** With this wire field given the upstream keeps or chooses the ratio: the operator's is for new pictures only. */
  readonly keepsRatioOf?: string;
  /** What else the operator's defaults mean to this family. */
  readonly moreDefaults?: (given: WireInput, operator: ModelDefaults) => WireInput;
  /** Which pictures it takes, as the upstream documents them. A URL is not opened to check. */
  readonly pictures?: { readonly types: readonly string[]; readonly megabytes: number };
  /** Usual price of one generation in the upstream's credits; null where nobody has told it. */
  readonly credits: number | null;
  /** Prices that differ with an option, the first that holds wins. */
  readonly creditsByOption?: readonly PriceRule[];
  /** 15 minutes for a picture and 30 for a film where it is not given. */
  readonly deadlineSeconds?: number;
  /** What a caller should know before asking. */
  readonly notice?: string;
  /** ISO date from which the upstream refuses the model; only where that date is certain. */
  readonly retiresAt?: string;
  readonly replacement?: string;
  /** A request body that works. */
  readonly example: CommonRequest;
}

export type Prepared =
  | { readonly ok: true; readonly input: WireInput; readonly credits: number | null }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

export interface Model extends Pick<
  ModelSpec,
  "id" | "family" | "kind" | "protocol" | "credits" | "example"
> {
  readonly creditsByOption: readonly PriceRule[];
  readonly deadlineSeconds: number;
  readonly notice: string | null;
  readonly retiresAt: string | null;
  readonly replacement: string | null;
  /** Read off the schema, so that it cannot say anything else. */
  readonly limits: Limits;
  /** JSON Schema of the upstream's fields. */
  readonly inputSchema: () => unknown;
  /** Maps and validates a request; all bad fields at once. Does no I/O. */
  readonly prepare: (
    request: CommonRequest,
    defaults: ModelDefaults,
    urlProblem: (url: string) => string | null,
  ) => Prepared;
}

const DEADLINE_SECONDS: Readonly<Record<Kind, number>> = {
  image: (15 * MINUTE) / SECOND,
  video: (30 * MINUTE) / SECOND,
  any: (30 * MINUTE) / SECOND,
};

interface Gathered {
  readonly wire: Record<string, unknown>;
  readonly issues: FieldIssue[];
}

/** The wire's value for one of ours; undefined when the mapping has none. */
function wireValue({ values, toWire }: FieldMapping, value: unknown): unknown {
  if (values !== undefined) return values[String(value)];
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

/** The operator's ratio and format where the model has the field, takes the value and was told nothing else. */
function operatorDefaults(spec: ModelSpec, wire: WireInput, operator: ModelDefaults): WireInput {
  const keepsRatio = spec.keepsRatioOf !== undefined && spec.keepsRatioOf in wire;
  const names = keepsRatio ? (["outputFormat"] as const) : (["aspectRatio", "outputFormat"] as const);
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
  const imageField = spec.common.images === undefined ? [] : [spec.common.images.field];
  return [...imageField, ...(spec.moreUrlFields ?? [])].flatMap((field) => {
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

function creditsOf(spec: ModelSpec, input: WireInput): number | null {
  const holds = ({ when }: PriceRule) =>
    Object.entries(when).every(([field, values]) => values.includes(input[field]));
  const rule = spec.creditsByOption?.find(holds);
  return rule === undefined ? spec.credits : rule.credits;
}

function prepare(
  spec: ModelSpec,
  request: CommonRequest,
  operator: ModelDefaults,
  urlProblem: (url: string) => string | null,
): Prepared {
  const { wire, issues } = gather(spec, request);
  const full = { ...spec.fallbacks, ...operatorDefaults(spec, wire, operator), ...wire };
  const parsed = parse(spec.input, full);
  const rename = (path: readonly PropertyKey[]) => callerPath(spec, request, path);
  const found = parsed.success ? [] : fieldIssues(parsed.error, rename);
  const ofUrls = urlIssues(spec, wire, urlProblem, rename);
  for (const issue of [...found, ...ofUrls]) {
    if (!issues.some((known) => known.path === issue.path)) issues.push(issue);
  }
  if (issues.length > 0 || !parsed.success) return { ok: false, issues };
  return { ok: true, input: parsed.data, credits: creditsOf(spec, parsed.data) };
}

/** Turns a spec into a model: exact inside, any request body outside. */
export function defineModel(spec: ModelSpec): Model {
  const { id, family, kind, protocol, credits, example } = spec;
  return {
    id,
    family,
    kind,
    protocol,
    credits,
    example,
    creditsByOption: spec.creditsByOption ?? [],
    deadlineSeconds: spec.deadlineSeconds ?? DEADLINE_SECONDS[kind],
    notice: spec.notice ?? null,
    retiresAt: spec.retiresAt ?? null,
    replacement: spec.replacement ?? null,
    get limits() {
      return limitsOf(spec);
    },
    inputSchema: () => z.toJSONSchema(spec.input, { io: "input", unrepresentable: "any" }),
    prepare: (request, operator, urlProblem) => prepare(spec, request, operator, urlProblem),
  };
}
