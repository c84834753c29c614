import type { Refusal } from "../../domain/refusal.ts";
import { describeIssues } from "../../lib/issues.ts";
import { getOwn } from "../../lib/get-own.ts";

/** A refusal with the field names of the caller's API. Pure. */
export function renamed(refusal: Refusal, names: Readonly<Record<string, string>>): Refusal {
  if (refusal.refused !== "invalid_fields" || refusal.issues === undefined) return refusal;
  const issues = refusal.issues.map((issue) => {
    const [head = "", ...rest] = issue.path.split(".");
    return { ...issue, path: getOwn(names, head) ?? [head, ...rest].join(".") };
  });
  return { ...refusal, message: describeIssues(issues), issues };
}
