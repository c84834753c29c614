/**
 * What a model takes, read off its schema: for forms, and for `GET /api/models`, which is loaded on demand: a schema's
 * description is a large part of zod, and making images does not need it.
 */
import * as z from "zod/mini";
import type { CommonField } from "./common-fields.ts";
import type { Model } from "./model.ts";

export interface Limits {
  /** Characters; null without a prompt or where the limit is not published. */
  readonly prompt: number | null;
  /** The most and the fewest images of a request. */
  readonly images: number;
  readonly imagesMinimum: number;
  /** Media types of images; empty where they are not published. */
  readonly imageTypes: readonly string[];
  readonly imageMegabytes: number | null;
  /** Values of the common fields; empty where the model does not take the field. */
  readonly aspectRatios: readonly string[];
  readonly outputFormats: readonly string[];
  readonly variants: readonly number[];
}

type Property = z.core.JSONSchema.BaseSchema;
type Described = Pick<Model, "input" | "common" | "imageRule" | "defaults">;

/** A field's schema, and whether a request without it is refused. */
interface Field {
  readonly property: Property;
  readonly isRequired: boolean;
}

/** JSON Schema of the provider's fields. Fields that Darkroom fills in are optional here, even where the provider requires them. */
export function inputSchemaOf({ input, defaults }: Pick<Model, "input" | "defaults">) {
  const schema = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  const required = schema.required?.filter((name) => !(name in defaults));
  return required === undefined ? schema : { ...schema, required };
}

/** What a model takes, in numbers and lists. */
export function limitsOf(model: Described): Limits {
  const schema = inputSchemaOf(model);
  const fieldOf = (name: CommonField): Field | null => {
    const field = model.common[name]?.field ?? "";
    const property = schema.properties?.[field];
    if (typeof property !== "object") return null;
    return { property, isRequired: schema.required?.includes(field) ?? false };
  };
  const valuesOf = (name: CommonField): string[] => {
    const { values } = model.common[name] ?? {};
    return values === undefined ? (fieldOf(name)?.property.enum ?? []).map(String) : Object.keys(values);
  };
  const images = fieldOf("images");
  const imageRule = images === null ? null : model.imageRule;
  return {
    prompt: fieldOf("prompt")?.property.maxLength ?? null,
    ...imagesOf(images),
    imageTypes: imageRule?.types ?? [],
    imageMegabytes: imageRule?.megabytes ?? null,
    aspectRatios: valuesOf("aspectRatio").filter((value) => /^\d+:\d+$/.test(value)),
    outputFormats: valuesOf("outputFormat"),
    variants: variantsOf(valuesOf("variants"), fieldOf("variants")),
  };
}

/** A field that is one URL takes one image. */
function imagesOf(field: Field | null): Pick<Limits, "images" | "imagesMinimum"> {
  if (field === null) return { images: 0, imagesMinimum: 0 };
  const { maxItems = 1, minItems = 1 } = field.property;
  return { images: maxItems, imagesMinimum: field.isRequired ? minItems : 0 };
}

function variantsOf(values: readonly string[], field: Field | null): number[] {
  if (values.length > 0) return values.map(Number);
  const { minimum = 1, maximum = 1 } = field?.property ?? {};
  return Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index);
}
