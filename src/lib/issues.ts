/** What is wrong with a value from outside, in words that follow the name of the field. */
import type * as z from "zod/mini";

/** A field that does not fit: where, a sentence that follows the path, a code for machines. */
export interface FieldIssue {
  readonly path: string;
  readonly message: string;
  readonly code: string;
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const UNITS: Readonly<Record<string, string>> = {
  string: "character",
  array: "item",
};

/** One sentence per kind of issue; the schema's own message, where it has one, wins. */
function sentence(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${article(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must be at least ${count(issue.minimum, issue.origin)}`;
    case "too_big":
      return `must be at most ${count(issue.maximum, issue.origin)}`;
    default:
      return "has a value that does not fit";
  }
}

function count(amount: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  return `${amount}${unit === undefined ? "" : ` ${unit}${Number(amount) === 1 ? "" : "s"}`}`;
}

const article = (type: string): string => {
  if (type === "int") return "a whole number";
  if (type === "record") return "an object";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
};

/** Parses a value from outside; the issues speak our words. */
export const parse = <Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): z.util.SafeParseResult<z.output<Schema>> => schema.safeParse(value, { error: sentence });

interface LenientlyParsed<Fields> {
  readonly fields: Fields;
  readonly issues: readonly FieldIssue[];
}

/** The fields of a body that are well formed, and what is wrong with the others. The schema requires none. */
export function parseLeniently<Schema extends z.ZodMiniObject>(
  schema: Schema,
  body: Readonly<Record<string, unknown>>,
): LenientlyParsed<z.output<Schema>> {
  const parsed = parse(schema, body);
  if (parsed.success) return { fields: parsed.data, issues: [] };
  // By the parser's own paths: a name may have a dot in it.
  const bad = new Set(
    parsed.error.issues.flatMap((issue) =>
      issue.path.length === 0 && issue.code === "unrecognized_keys" ? issue.keys : issue.path.slice(0, 1),
    ),
  );
  const good = Object.fromEntries(Object.entries(body).filter(([name]) => !bad.has(name)));
  return { fields: schema.parse(good), issues: fieldIssues(parsed.error) };
}

/** Reads the issues of a failed parse; `rename` turns the schema's paths into the caller's. */
export function fieldIssues(
  error: z.core.$ZodError,
  rename: (path: readonly PropertyKey[]) => string = (path) => path.map(String).join("."),
): FieldIssue[] {
  return lastOfEach(error.issues).flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") {
      const code = issue.message === "is required" ? "required" : issue.code;
      return [{ path: rename(issue.path), message: issue.message, code }];
    }
    return issue.keys.map((key) => ({
      path: rename([...issue.path, key]),
      message: "is not a field of this request",
      code: "unknown_field",
    }));
  });
}

/** Checks go on after a wrong type, and after a first bound, and then say what follows from it, or the same again. */
function lastOfEach(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const at = (issue: z.core.$ZodIssue) => issue.path.map(String).join(".");
  const mistyped = new Set(issues.filter(({ code }) => code === "invalid_type").map(at));
  return issues.filter((issue, index) =>
    mistyped.has(at(issue))
      ? issue.code === "invalid_type"
      : !issues.slice(index + 1).some((other) => other.code === issue.code && at(other) === at(issue)),
  );
}

/** All issues as one sentence. */
export const describeIssues = (issues: readonly FieldIssue[]): string =>
  issues.map(({ path, message }) => `${path === "" ? "the body" : path} ${message}`).join("; ");
