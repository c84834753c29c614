/** The fields of OpenAI's image calls, and their mapping to the fields of a generation. Pure. */
import * as z from "zod/mini";
import type { RequestBody } from "../../lib/request-body.ts";
import { getOwn } from "../../lib/get-own.ts";
import type { Chosen } from "./choose-model.ts";
import { nearestRatio, ratioOfSize } from "./ratio.ts";

const isSize = (size: string): boolean => ratioOfSize(size) !== undefined;

/** Accepts other fields (`user`, `moderation`, `partial_images`, …) and uses those that the model has. */
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

/** Gives a form's texts the types that JSON would have. */
export const withTypes = (form: RequestBody): RequestBody =>
  Object.fromEntries(Object.entries(form).map(([name, value]) => [name, typed(name, value)]));

function typed(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (name === "n") return Number(value);
  return name === "stream" ? value === "true" || value === "1" : value;
}

/** OpenAI's fields that a model may have under the same name. */
const OWN_FIELDS = ["quality", "background", "style", "moderation", "output_compression"];
/** OpenAI's fields that the model has and whose value it accepts, and the mapping of `quality`. */
function ownFields(given: ImageFields, { model }: Chosen): Record<string, unknown> {
  const { shape } = model.input;
  const taken = OWN_FIELDS.flatMap((name) => {
    const schema = shape[name];
    const isTaken = schema !== undefined && z.safeParse(schema, given[name]).success;
    return isTaken && given[name] !== undefined ? [[name, given[name]] as const] : [];
  });
  return { ...Object.fromEntries(taken), ...getOwn(model.qualities, given.quality ?? "") };
}

/** `count` generations of this body. */
interface GenerationOrder {
  readonly body: RequestBody;
  readonly count: number;
}

/** The ratio of the model that is nearest to the requested size; undefined without a size. */
function ratioFor(size: string, { limits }: Chosen): string | undefined {
  const wanted = ratioOfSize(size);
  return typeof wanted === "string" ? (nearestRatio(wanted, limits.aspectRatios) ?? undefined) : undefined;
}

/** Several images are variants of one generation if the model supports that number, else separate generations. */
export function orderOf(
  given: ImageFields,
  chosen: Chosen,
  sent: { readonly images: readonly string[]; readonly mask: string | undefined },
): GenerationOrder {
  const { model, limits } = chosen;
  const wanted = given.n ?? 1;
  const areVariants = wanted > 1 && limits.variants.includes(wanted);
  const input = ownFields(given, chosen);
  const body = {
    prompt: given.prompt,
    model: model.id,
    aspectRatio: ratioFor(given.size ?? "auto", chosen),
    outputFormat: limits.outputFormats.find((format) => format === given.output_format),
    images: sent.images.length === 0 ? undefined : sent.images,
    mask: sent.mask,
    variants: areVariants ? wanted : undefined,
    input: Object.keys(input).length === 0 ? undefined : input,
  };
  return { body, count: areVariants ? 1 : wanted };
}
