/** The fields of OpenAI's image calls, and what the models here make of them. Pure. */
import * as z from "zod/mini";
import type { RequestBody } from "../../lib/request-body.ts";
import { getOwn } from "../../lib/get-own.ts";
import type { Chosen } from "./choose-model.ts";
import { nearestRatio, ratioOfSize } from "./ratio.ts";

const isSize = (size: string): boolean => ratioOfSize(size) !== undefined;

/** What else clients send (`user`, `moderation`, `partial_images`, …) is taken, and used where a model has the field. */
export const GenerationFields = z.looseObject({
  prompt: z.string().check(z.trim(), z.minLength(1, "must not be empty")),
  model: z.nullish(z.string()),
  n: z.nullish(z.int().check(z.minimum(1), z.maximum(10))),
  size: z.nullish(
    z
      .string()
      .check(z.refine(isSize, 'must be a size such as "1536x1024", a ratio such as "3:2", or "auto"')),
  ),
  response_format: z.nullish(z.enum(["url", "b64_json"])),
  output_format: z.nullish(z.string()),
  quality: z.nullish(z.string()),
  stream: z.nullish(z.boolean()),
});
export type ImageFields = z.infer<typeof GenerationFields>;

/** Fields of a form, whose values are texts, as JSON would have them. */
export const withTypes = (form: RequestBody): RequestBody =>
  Object.fromEntries(Object.entries(form).map(([name, value]) => [name, typed(name, value)]));

function typed(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (name === "n") return Number(value);
  return name === "stream" ? value === "true" || value === "1" : value;
}

/** OpenAI's fields that a model may have under the same name. */
const OWN_FIELDS = ["quality", "background", "style", "moderation", "output_compression"];
/** Those of OpenAI's fields that this model has, where it takes the value; and what its quality means here. */
function ownFields(given: ImageFields, { model }: Chosen): Record<string, unknown> {
  const { shape } = model.input;
  const taken = OWN_FIELDS.flatMap((name) => {
    const schema = shape[name];
    const isTaken = schema !== undefined && z.safeParse(schema, given[name]).success;
    return isTaken && given[name] !== undefined ? [[name, given[name]] as const] : [];
  });
  return { ...Object.fromEntries(taken), ...getOwn(model.qualities, given.quality ?? "") };
}

/** What is asked of the domain: `count` generations of this body. */
interface Order {
  readonly body: RequestBody;
  readonly count: number;
}

/** The ratio of what the model draws that is nearest to the size that is asked for; none where no size is. */
function ratioFor(size: string, { limits }: Chosen): string | undefined {
  const wanted = ratioOfSize(size);
  return typeof wanted === "string" ? (nearestRatio(wanted, limits.aspectRatios) ?? undefined) : undefined;
}

/** Several pictures are variants of one generation where the model draws just so many, else generations of their own. */
export function orderOf(
  given: ImageFields,
  chosen: Chosen,
  pictures: { readonly images: readonly string[]; readonly mask: string | undefined },
): Order {
  const { model, limits } = chosen;
  const wanted = given.n ?? 1;
  const areVariants = wanted > 1 && limits.variants.includes(wanted);
  const input = ownFields(given, chosen);
  const body = {
    prompt: given.prompt,
    model: model.id,
    aspectRatio: ratioFor(given.size ?? "auto", chosen),
    outputFormat: limits.outputFormats.find((format) => format === given.output_format),
    images: pictures.images.length === 0 ? undefined : pictures.images,
    mask: pictures.mask,
    variants: areVariants ? wanted : undefined,
    input: Object.keys(input).length === 0 ? undefined : input,
  };
  return { body, count: areVariants ? 1 : wanted };
}
