import { Hono } from "hono";
import type { Deps } from "../../generation/ports.ts";
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

/** Those that can be asked for: their provider is set up, and their time has not come. */
const available = ({ models: all, provider, now }: Deps): Model[] =>
  all.filter(
    ({ protocol, retiresAt }) =>
      provider.upstream(protocol).problem === null && (retiresAt === null || now() < Date.parse(retiresAt)),
  );

models.get("/models", (c) => c.json({ object: "list", data: available(c.var.deps).map(modelObject) }));

models.get("/models/:id{.+}", (c) => {
  const id = c.req.param("id");
  const model = available(c.var.deps).find((one) => one.id === id || one.aliases.includes(id));
  return model === undefined ? refuse(c, unknownModel(id)) : c.json({ ...modelObject(model), id });
});
