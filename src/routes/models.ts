import { Hono } from "hono";
import type { AppEnv } from "../http/context.ts";
import { problem } from "../http/problem.ts";
import type { Limits } from "../models/limits.ts";
import type { Model } from "../models/model.ts";

export const models = new Hono<AppEnv>();

const presenter = async () => {
  const { inputSchemaOf, limitsOf } = await import("../models/limits.ts");
  return (model: Model) =>
    presentModel(model, { inputSchema: inputSchemaOf(model), limits: limitsOf(model) });
};

const presentModel = (model: Model, described: { inputSchema: unknown; limits: Limits }) => ({
  id: model.id,
  object: "model",
  kind: model.kind,
  family: model.family,
  inputSchema: described.inputSchema,
  credits: model.credits,
  creditsByOption: model.creditsByOption,
  limits: described.limits,
  deadlineSeconds: model.deadlineSeconds,
  notice: model.notice,
  retiresAt: model.retiresAt,
  replacement: model.replacement,
  example: { model: model.id, ...model.example },
});

models.get("/", async (c) => c.json({ object: "list", data: c.var.deps.models.map(await presenter()) }));

models.get("/:id{.+}", async (c) => {
  const model = c.var.deps.models.find((candidate) => candidate.id === c.req.param("id"));
  return model === undefined
    ? problem(c, { code: "not_found", detail: "There is no such model. GET /api/models lists them." })
    : c.json((await presenter())(model));
});
