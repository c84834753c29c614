/** `src/docs/models.md`: every model of the registry. */
import { MODELS } from "../../models/index.ts";
import { limitsOf } from "../../models/limits.ts";
import type { Limits } from "../../models/limits.ts";
import type { Model, PriceRule } from "../../models/model.ts";
import { code, codes, list, page, table } from "./markdown.ts";

const credits = (amount: number | null): string => (amount === null ? "not published" : String(amount));

function imagesOf({ images, imagesMinimum }: Limits): string {
  if (images === 0) return "none";
  return imagesMinimum === images ? String(images) : `${imagesMinimum}–${images}`;
}

const rowOf = (model: Model): string[] => [
  code(model.id),
  model.kind,
  imagesOf(limitsOf(model)),
  credits(model.credits),
];

function ruleOf({ when, credits: amount }: PriceRule): string {
  const options = Object.entries(when).map(
    ([field, values]) => `${code(field)} ${values.map((value) => code(String(value))).join(" or ")}`,
  );
  return `${options.join(" and ")}: ${credits(amount)}`;
}

const variantsOf = (variants: readonly number[]): string | null =>
  variants.length > 1 ? `Variants: ${variants.join(", ")}.` : null;

function imageRuleOf({ imageTypes, imageMegabytes }: Limits): string | null {
  if (imageTypes.length === 0 || imageMegabytes === null) return null;
  return `Input images: ${codes(imageTypes)}, at most ${imageMegabytes} MB each.`;
}

const listed = (label: string, values: readonly string[]): string | null =>
  values.length === 0 ? null : `${label}: ${codes(values)}.`;

/** What a model takes beyond the first table. */
function factsOf(model: Model): string[] {
  const limits = limitsOf(model);
  const facts = [
    listed("Other names", model.aliases),
    limits.prompt === null ? null : `Prompt: at most ${limits.prompt.toLocaleString("en")} characters.`,
    listed("Ratios", limits.aspectRatios),
    listed("Formats", limits.outputFormats),
    listed("Seconds", Object.keys(model.video?.seconds ?? {})),
    variantsOf(limits.variants),
    imageRuleOf(limits),
    model.editModel === null ? null : `Edits with ${code(model.editModel)}.`,
    model.creditsByOption.length === 0
      ? null
      : `Credits by option: ${model.creditsByOption.map(ruleOf).join("; ")}.`,
    `Deadline: ${model.deadlineSeconds / 60} minutes.`,
    model.notice === null ? null : `Notice: ${model.notice}`,
    model.retiresAt === null ? null : `Retires on ${model.retiresAt}.`,
    model.replacement === null ? null : `Replacement: ${code(model.replacement)}.`,
  ];
  return facts.filter((fact) => fact !== null);
}

export function modelsPage(): string {
  const families = Map.groupBy(MODELS, ({ family }) => family);
  const sections = [...families].map(([family, models]) =>
    [
      `## ${family}`,
      table(["model", "kind", "input images", "credits"], models.map(rowOf)),
      ...models.map((model) => `**${code(model.id)}**\n\n${list(factsOf(model))}`),
    ].join("\n\n"),
  );
  return page("Models", [
    `${MODELS.length} models. \`GET /api/models\` returns the same with the JSON Schema of each model's \`input\`. Credits are\nthe provider's, and the table has the usual price.`,
    "A model that takes no images may have one that edits in its place. Under `/v1` a request with images goes\nthere by itself. Under `/api` you name that model.",
    ...sections,
  ]);
}

/** Other names of models, for the clients that know them. */
export const otherNames = (): string =>
  table(
    ["name", "model", "with images"],
    MODELS.filter(({ aliases }) => aliases.length > 0).map(({ aliases, id, editModel }) => [
      codes(aliases),
      code(id),
      editModel === null ? "the same" : code(editModel),
    ]),
  );

/** Lengths and sizes of videos. Models with equal options share a row. */
export function videoOptions(): string {
  const makers = MODELS.flatMap(({ id, video }) =>
    video === null
      ? []
      : [{ id, seconds: Object.keys(video.seconds).join(", "), sizes: codes(Object.keys(video.sizes)) }],
  );
  const groups = Map.groupBy(makers, ({ seconds, sizes }) => `${seconds} ${sizes}`);
  return table(
    ["model", "`seconds`", "`size`"],
    [...groups.values()].map((group) => [
      codes(group.map(({ id }) => id)),
      group[0]?.seconds ?? "",
      group[0]?.sizes ?? "",
    ]),
  );
}
