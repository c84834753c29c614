/** The fields of a request for a generation, well formed or not. Pure. */
import * as z from "zod/mini";
import { MAX_URL_LENGTH } from "../../lib/addresses.ts";
import { parseLeniently } from "../../lib/issues.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import { findModel } from "../../models/find-model.ts";
import type { Catalogue } from "../../models/find-model.ts";

const METADATA_CHARACTERS = 8_000;
/** A row holds it twice, and once more for each fallback; D1 takes rows of up to 2 MB. */
const INPUT_CHARACTERS = 100_000;

const isSmall = (value: object): boolean => JSON.stringify(value).length <= METADATA_CHARACTERS;
const isModest = (value: object): boolean => JSON.stringify(value).length <= INPUT_CHARACTERS;
const isUnique = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** The fields of a generation. A regenerate inherits all of them. */
export const generationFields = {
  prompt: z.string().check(z.trim(), z.minLength(1, "must not be empty")),
  model: z.string().check(z.minLength(1)),
  aspectRatio: z.string().check(z.regex(/^\d{1,2}:\d{1,2}$/, 'must be a ratio such as "16:9"')),
  outputFormat: z.string().check(z.minLength(1)),
  images: z.array(z.string().check(z.maxLength(MAX_URL_LENGTH))).check(z.minLength(1), z.maxLength(16)),
  mask: z.string().check(z.maxLength(MAX_URL_LENGTH)),
  variants: z.int().check(z.minimum(1), z.maximum(6)),
  input: z
    .record(z.string(), z.unknown())
    .check(z.refine(isModest, "must be at most 100,000 characters of JSON")),
  fallbackModels: z
    .array(z.string().check(z.minLength(1)))
    .check(z.maxLength(5), z.refine(isUnique, "must not name a model twice")),
  deadlineSeconds: z.int().check(z.minimum(10), z.maximum(3_600)),
  optimizePrompt: z.boolean(),
  webhookUrl: z.string().check(z.trim(), z.maxLength(MAX_URL_LENGTH)),
};

/** The fields of the artwork itself. */
export const artworkFields = {
  title: z.nullable(z.string().check(z.maxLength(200))),
  metadata: z
    .record(z.string(), z.unknown())
    .check(z.refine(isSmall, "must be at most 8,000 characters of JSON")),
};

export const InheritedFields = z.partial(z.strictObject(generationFields));
const RequestFields = z.partial(z.strictObject({ ...generationFields, ...artworkFields }));

export type GenerationRequest = z.infer<typeof InheritedFields>;

/** The fields of a body that are well formed, models under their own ids, and what is wrong with the others. */
export function readFields(catalogue: Catalogue, body: RequestBody) {
  const { fields, issues } = parseLeniently(RequestFields, body);
  const idOf = (name: string) => findModel(catalogue, name)?.id ?? name;
  const { model, fallbackModels } = fields;
  const ids = {
    ...(model === undefined ? {} : { model: idOf(model) }),
    ...(fallbackModels === undefined ? {} : { fallbackModels: [...new Set(fallbackModels.map(idOf))] }),
  };
  return { fields: { ...fields, ...ids }, issues };
}
