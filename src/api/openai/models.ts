import { Hono } from "hono";
import type { Deps } from "../../domain/deps.ts";
import type { AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { SECOND } from "../../lib/time.ts";
import { findModel } from "../../models/find-model.ts";
import { isRetired } from "../../models/model.ts";
import type { Model } from "../../models/model.ts";
import { unknownModel } from "./choose-model.ts";

export const models = new Hono<AppEnv>();

/** OpenAI's objects have a time; the real times of these models are not published. */
const CREATED = Date.UTC(2026, 0, 1) / SECOND;

/** A model in OpenAI's shape, under one of its names; its owner is its provider. */
const modelObject = (id: string, { protocol }: Model) => ({
  id,
  object: "model",
  created: CREATED,
  owned_by: protocol.split("/")[0] ?? protocol,
});

/** Whether the provider is configured and the model is not retired. */
const isAvailable = ({ providers, now }: Deps, model: Model): boolean =>
  providers.of(model.protocol).problem === null && !isRetired(model, now());

models.get("/models", (c) => {
  const { deps } = c.var;
  const available = deps.models.filter((model) => isAvailable(deps, model));
  const data = available.flatMap((model) =>
    [model.id, ...model.aliases].map((name) => modelObject(name, model)),
  );
  return c.json({ object: "list", data });
});

models.get("/models/:id{.+}", (c) => {
  const id = c.req.param("id");
  const model = findModel(c.var.deps, id);
  return model === null || !isAvailable(c.var.deps, model)
    ? refuse(c, unknownModel(id))
    : c.json(modelObject(id, model));
});
