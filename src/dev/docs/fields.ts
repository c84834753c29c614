/** The fields of a request as a list, read from the schema that validates them. */
import * as z from "zod/mini";
import { artworkFields, generationFields } from "../../domain/requests/fields.ts";
import { describedNames } from "./described.ts";
import { FIELD_MEANINGS } from "./field-meanings.ts";
import { code, list } from "./markdown.ts";

type Property = z.core.JSONSchema.BaseSchema;

function typeOf({ type, items, anyOf }: Property): string {
  if (anyOf !== undefined) return anyOf.map(typeOf).join(" or ");
  if (type === "array")
    return `array of ${typeof items === "object" && !Array.isArray(items) ? typeOf(items) : "any"}s`;
  return type === "integer" ? "whole number" : String(type);
}

function range(least: number | undefined, most: number | undefined, unit: string): string | null {
  const numbers = [least, most].map((amount) => amount?.toLocaleString("en"));
  if (least !== undefined && most !== undefined) return `${numbers.join(" to ")}${unit}`;
  if (most !== undefined) return `at most ${numbers[1]}${unit}`;
  return least === undefined ? null : `at least ${numbers[0]}${unit}`;
}

function limitsOf(property: Property): (string | null)[] {
  if (property.anyOf !== undefined) return property.anyOf.flatMap(limitsOf);
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, items } = property;
  const inside = typeof items === "object" && !Array.isArray(items) ? limitsOf(items) : [];
  return [
    range(minimum, maximum, ""),
    minLength === 1 && maxLength === undefined ? "not empty" : range(minLength, maxLength, " characters"),
    range(minItems, maxItems, " items"),
    ...inside.map((limit) => (limit === null ? null : `each ${limit}`)),
    property.pattern === undefined ? null : 'such as `"16:9"`',
  ];
}

export function fieldList(): string {
  const fields = { ...generationFields, ...artworkFields };
  const schema = z.toJSONSchema(z.object(fields), { io: "input" });
  const names = describedNames("field", FIELD_MEANINGS, fields);
  const entries = names.map((name) => {
    const { meaning, fallback, limit } = FIELD_MEANINGS[name];
    const property = (schema.properties?.[name] ?? {}) as Property;
    const limits = [...limitsOf(property), limit].filter((text) => typeof text === "string");
    return `${code(name)} (${[typeOf(property), ...limits].join(", ")}). ${meaning} Default: ${fallback}.`;
  });
  return list(entries);
}
