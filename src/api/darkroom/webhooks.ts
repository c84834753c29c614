import { Hono } from "hono";
import * as z from "zod/mini";
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  endpointPage,
  findEndpoint,
  rotateEndpoint,
  rotateOwner,
  webhookNotFound,
} from "../../domain/webhooks/endpoints.ts";
import { RequestBody } from "../../lib/request-body.ts";
import { isRefusal } from "../../domain/refusal.ts";
import { recordTest, webhookDisabled } from "../../domain/webhooks/log.ts";
import { presentDelivery, presentEndpoint, presentSecret } from "../../domain/webhooks/present.ts";
import { ownerSecret } from "../../domain/webhooks/secrets.ts";
import { originOf } from "../../http/context.ts";
import type { AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { json, query } from "../../http/validate.ts";
import { addDeliveryLog, deliveryUrl, wakeReceiver, pageFields } from "./webhook-deliveries.ts";

const WEBHOOK = "/:id{whe_[0-9a-z]+}";

export const webhooks = new Hono<AppEnv>();

addDeliveryLog(webhooks);

/** No cache may keep a secret. */
const NO_STORE = { "Cache-Control": "no-store" };

webhooks.get("/secret", async (c) => {
  const { deps, caller } = c.var;
  const secret = await ownerSecret(deps, caller.owner);
  return c.json({ object: "webhook_secret", ...presentSecret(secret, deps.now()) }, 200, NO_STORE);
});

webhooks.post("/secret/rotate", async (c) => {
  const { deps, caller } = c.var;
  const secret = await rotateOwner(deps, caller);
  return c.json({ object: "webhook_secret", ...presentSecret(secret, deps.now()) }, 200, NO_STORE);
});

webhooks.post("/", json(RequestBody), async (c) => {
  const made = await createEndpoint(c.var.deps, c.var.caller, c.req.valid("json"));
  if (isRefusal(made)) return refuse(c, made);
  const Location = `${originOf(c)}/api/webhooks/${made.id}`;
  return c.json({ ...presentEndpoint(made), secret: made.secret }, 201, { Location, ...NO_STORE });
});

webhooks.get("/", query(z.strictObject(pageFields)), async (c) => {
  const page = c.req.valid("query");
  const rows = await endpointPage(c.var.deps, c.var.caller.owner, page);
  const data = rows.slice(0, page.limit).map(presentEndpoint);
  return c.json({ object: "list", data, hasMore: rows.length > page.limit, lastId: data.at(-1)?.id ?? null });
});

webhooks.get(WEBHOOK, async (c) => {
  const found = await findEndpoint(c.var.deps, c.var.caller.owner, c.req.param("id"));
  return found === null ? refuse(c, webhookNotFound) : c.json(presentEndpoint(found));
});

webhooks.patch(WEBHOOK, json(RequestBody), async (c) => {
  const change = { id: c.req.param("id"), body: c.req.valid("json") };
  const changed = await changeEndpoint(c.var.deps, c.var.caller, change);
  return isRefusal(changed) ? refuse(c, changed) : c.json(presentEndpoint(changed));
});

webhooks.delete(WEBHOOK, async (c) => {
  const refusal = await deleteEndpoint(c.var.deps, c.var.caller, c.req.param("id"));
  return refusal === null ? c.body(null, 204) : refuse(c, refusal);
});

webhooks.post(`${WEBHOOK}/rotate`, async (c) => {
  const { deps, caller } = c.var;
  const rotated = await rotateEndpoint(deps, caller, c.req.param("id"));
  if (isRefusal(rotated)) return refuse(c, rotated);
  return c.json({ ...presentEndpoint(rotated), ...presentSecret(rotated, deps.now()) }, 200, NO_STORE);
});

webhooks.post(`${WEBHOOK}/test`, async (c) => {
  const { deps, caller } = c.var;
  const id = c.req.param("id");
  const made = await recordTest(deps, caller, id);
  if (made === null) {
    return refuse(
      c,
      (await findEndpoint(deps, caller.owner, id)) === null ? webhookNotFound : webhookDisabled,
    );
  }
  wakeReceiver(c, made.receiver);
  return c.json(presentDelivery(made), 202, { Location: deliveryUrl(c, made.id) });
});
