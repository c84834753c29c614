import { Hono } from "hono";
import type { AppEnv } from "../../http/context.ts";
import { problem } from "../../http/dialect.ts";
import { findModel } from "../../models/find-model.ts";
import { inputSchemaOf, limitsOf } from "../../models/limits.ts";
import type { Model } from "../../models/model.ts";

export const models = new Hono<AppEnv>();

const presentModel = (model: Model) => ({
  id: model.id,
  object: "model",
  kind: model.kind,
  family: model.family,
  inputSchema: inputSchemaOf(model),
  credits: model.credits,
  creditsByOption: model.creditsByOption,
  limits: limitsOf(model),
  deadlineSeconds: model.deadlineSeconds,
  notice: model.notice,
  retiresAt: model.retiresAt,
  replacement: model.replacement,
  example: { model: model.id, ...model.example },
});

models.get("/", (c) => c.json({ object: "list", data: c.var.deps.models.map(presentModel) }));

models.get("/:id{.+}", (c) => {
  const model = findModel(c.var.deps, c.req.param("id"));
  return model === null
    ? problem(c, { code: "not_found", detail: "Model not found. GET /api/models lists all models." })
    : c.json(presentModel(model));
});
