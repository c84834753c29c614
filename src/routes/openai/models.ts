import { Hono } from "hono";
import type { AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/problem.ts";
import { SECOND } from "../../lib/time.ts";
import type { Model } from "../../models/model.ts";
import { unknownModel } from "./choose-model.ts";

export const models = new Hono<AppEnv>();

/** OpenAI's objects have a time. Nobody tells when these models were made. */
const CREATED = Date.UTC(2026, 0, 1) / SECOND;

/** A model as OpenAI's clients list it; its owner is the wire that leads to it. */
const modelObject = ({ id, protocol }: Pick<Model, "id" | "protocol">) => ({
  id,
  object: "model",
  created: CREATED,
  owned_by: protocol.split("/")[0] ?? protocol,
});

models.get("/models", (c) => c.json({ object: "list", data: c.var.deps.models.map(modelObject) }));

models.get("/models/:id{.+}", (c) => {
  const id = c.req.param("id");
  const model = c.var.deps.models.find((candidate) => candidate.id === id);
  return model === undefined ? refuse(c, unknownModel(id)) : c.json(modelObject(model));
});
