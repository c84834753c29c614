import { describe, expect, it } from "vitest";
import { inputSchemaOf, limitsOf } from "../../src/models/limits.ts";
import { MODELS } from "../../src/models/index.ts";
import type { CommonRequest } from "../../src/models/common-fields.ts";
import type { Model } from "../../src/models/model.ts";
import { startProvider } from "../simulator/harness.ts";
import { BODIES } from "./bodies.ts";
import { prepare, wireCallOf } from "./wire-call.ts";

interface Property {
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly items?: unknown;
}
interface Schema {
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

const schemaOf = (model: Model): Schema => inputSchemaOf(model) as Schema;
const named = MODELS.map((model): [string, Model] => [model.id, model]);

/** A row for each property of each model for which `pick` returns values. */
const rowsOf = (pick: (property: Property) => readonly unknown[]) =>
  MODELS.flatMap((model) =>
    Object.entries(schemaOf(model).properties).flatMap(([field, property]) =>
      pick(property).map((value): [string, string, unknown, Model] => [model.id, field, value, model]),
    ),
  );

function pathsOf(model: Model, request: CommonRequest): string[] {
  const prepared = prepare(model, request);
  return prepared.ok ? [] : prepared.issues.map((issue) => issue.path);
}

/** A model's example with more of its own fields. */
const withInput = ({ example }: Model, input: Record<string, unknown>): CommonRequest => ({
  ...example,
  input: { ...example.input, ...input },
});

const URL = "https://example.com/image.png";

/** The answer to an accepted create call. */
const taken = ({ protocol }: Model, taskId: unknown = expect.any(String)) =>
  protocol.startsWith("workers-ai/") ? { success: true } : { code: 200, data: { taskId } };

describe("the registry", () => {
  it("lists every model that a file of models/ exports", () => {
    const files = import.meta.glob<Record<string, unknown>>("../../src/models/*.ts", { eager: true });
    const exported = Object.values(files)
      .flatMap((file) => Object.values(file))
      .filter((value): value is Model => typeof value === "object" && value !== null && "prepare" in value);

    expect(new Set(exported)).toStrictEqual(new Set(MODELS));
  });

  it("has no id twice", () => {
    expect(new Set(MODELS.map(({ id }) => id)).size).toBe(MODELS.length);
  });

  it("names as edit models only models of the same kind that accept images", () => {
    const pairs = MODELS.flatMap((model) =>
      model.editModel === null ? [] : [[model, model.editModel] as const],
    );
    const editors = pairs.map(([, id]) => MODELS.find((model) => model.id === id));
    expect(pairs.length).toBeGreaterThan(5);
    expect(pairs.map(([model]) => limitsOf(model).images)).toEqual(pairs.map(() => 0));
    expect(editors.every((model) => model !== undefined && limitsOf(model).images > 0)).toBe(true);
    expect(editors.map((model) => model?.kind)).toEqual(pairs.map(([model]) => model.kind));
  });

  it("pins a body for exactly every model", () => {
    expect(Object.keys(BODIES).toSorted()).toStrictEqual(MODELS.map(({ id }) => id).toSorted());
  });
});

describe.each(named)("%s", (id, model) => {
  it("sends its example word for word", async () => {
    expect(await wireCallOf(model, model.example)).toStrictEqual(BODIES[id]);
  });

  it("has an example that a strict provider accepts", async () => {
    const { call, simulator } = startProvider();
    const { path, body } = await wireCallOf(model, model.example);

    const answer = await call(path, { method: "POST", body: JSON.stringify(body) });

    expect(await answer.json()).toMatchObject(taken(model, simulator.tasks[0]?.id));
    expect(simulator.tasks[0]?.model).toBe(id);
  });

  it("accepts a prompt alone, and an image where it needs one", async () => {
    const { call } = startProvider();
    const images = limitsOf(model).imagesMinimum > 0 ? { images: [URL] } : {};
    const { path, body } = await wireCallOf(model, { prompt: "a red fox", ...images });

    const answer = await call(path, { method: "POST", body: JSON.stringify(body) });

    expect(await answer.json()).toMatchObject(taken(model));
  });

  it("requires no field that has a default, in schema or validation", () => {
    const prepared = prepare(model, model.example);
    const filledIn = Object.keys(model.defaults);
    const rest = Object.entries(prepared.ok ? prepared.input : {}).filter(
      ([name]) => !filledIn.includes(name),
    );

    expect(schemaOf(model).required.filter((name) => filledIn.includes(name))).toStrictEqual([]);
    const refused = pathsOf(model, { input: Object.fromEntries(rest) });
    expect(refused.filter((path) => filledIn.includes(path.replace("input.", "")))).toStrictEqual([]);
  });

  it("needs a prompt", () => {
    const { prompt: _prompt, input: _input, images: _images, ...rest } = model.example;

    expect(pathsOf(model, rest)).toContain("prompt");
    expect(pathsOf(model, { ...rest, prompt: " " }).map((path) => path.split(".")[0])).toContain("prompt");
  });

  it("refuses too many and too few images", () => {
    const { images, imagesMinimum } = limitsOf(model);
    const tooMany = { ...model.example, images: Array.from({ length: images + 1 }, () => URL) };
    const { images: _, ...none } = model.example;

    expect(pathsOf(model, tooMany)).toContain("images");
    expect(pathsOf(model, none).includes("images")).toBe(imagesMinimum > 0);
  });

  it("refuses a prompt that is too long", () => {
    const prompt = "x".repeat((limitsOf(model).prompt ?? 10_000) + 1);
    const { input: _, ...rest } = model.example;

    expect(pathsOf(model, { ...rest, prompt })).toStrictEqual(["prompt"]);
  });

  it("refuses an unsupported ratio, format and number of variants", () => {
    const { input: _, ...rest } = { prompt: "a red fox", ...model.example };

    const paths = pathsOf(model, { ...rest, aspectRatio: "7:5", outputFormat: "bmp", variants: 5.5 });

    expect(new Set(paths)).toStrictEqual(new Set(["aspectRatio", "outputFormat", "variants"]));
  });

  it("accepts every ratio, format and number of variants of its limits", () => {
    const { aspectRatios, outputFormats, variants } = limitsOf(model);
    const { input: _, ...rest } = { prompt: "a red fox", ...model.example };
    const paths = [
      ...aspectRatios.flatMap((aspectRatio) => pathsOf(model, { ...rest, aspectRatio })),
      ...outputFormats.flatMap((outputFormat) => pathsOf(model, { ...rest, outputFormat })),
      ...variants.flatMap((count) => pathsOf(model, { ...rest, variants: count })),
    ];

    expect(paths).toStrictEqual([]);
  });

  it("refuses an unknown field", () => {
    expect(pathsOf(model, withInput(model, { nonsense: 1 }))).toStrictEqual(["input.nonsense"]);
  });
});

describe("a field of input", () => {
  it.each(rowsOf((property) => (property.enum === undefined ? [] : ["nonsense"])))(
    "of %s: %s refuses %s, which is none of its values",
    (_id, field, value, model) => {
      expect(pathsOf(model, withInput(model, { [field]: value }))).toContain(`input.${field}`);
    },
  );

  it.each(
    rowsOf(({ minimum, maximum }) =>
      [minimum === undefined ? null : minimum - 1, maximum === undefined ? null : maximum + 1].filter(
        (value) => value !== null && Number.isSafeInteger(value),
      ),
    ),
  )("of %s: %s refuses %s, which is out of range", (_id, field, value, model) => {
    expect(pathsOf(model, withInput(model, { [field]: value }))).toContain(`input.${field}`);
  });

  it.each(
    rowsOf(({ maxLength }) => (maxLength === undefined ? [] : ["x".repeat(maxLength + 1)])).map(
      ([id, field, value, model]): [string, string, Model, unknown] => [id, field, model, value],
    ),
  )("of %s: %s refuses a text that is too long", (_id, field, model, value) => {
    const { prompt: _, ...rest } = model.example;

    expect(pathsOf(model, withInput({ ...model, example: rest }, { [field]: value }))).toContain(
      `input.${field}`,
    );
  });

  it.each(
    MODELS.flatMap((model) =>
      schemaOf(model).required.map((field): [string, string, Model] => [model.id, field, model]),
    ),
  )("of %s: %s refuses null where it is required", (_id, field, model) => {
    const prepared = prepare(model, { input: { [field]: null } });

    expect(prepared.ok ? [] : prepared.issues).toContainEqual(
      expect.objectContaining({ path: `input.${field}`, message: expect.any(String) }),
    );
  });
});
