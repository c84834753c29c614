import type { Hono } from "hono";
import * as z from "zod/mini";
import { isRefusal } from "../../domain/refusal.ts";
import { deliveryNotFound, deliveryPage, findDelivery, redeliver } from "../../domain/webhooks/log.ts";
import { presentDelivery } from "../../domain/webhooks/present.ts";
import { PAGE_SIZE } from "../../domain/artworks/views.ts";
import { originOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { query } from "../../http/validate.ts";
import { describeError } from "../../lib/log.ts";

const DELIVERY = "/deliveries/:id{whd_[0-9a-z]+}";

const text = z.string().check(z.minLength(1), z.maxLength(100));

export const pageFields = {
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), PAGE_SIZE),
  after: z.optional(z.string().check(z.regex(/^wh[de]_[0-9a-z]{1,100}$/, "must be the lastId of a page"))),
};

const LogQuery = z.strictObject({
  ...pageFields,
  artwork: z.optional(text),
  status: z.optional(z.enum(["pending", "delivered", "failed", "disabled"])),
});

export const deliveryUrl = (c: AppContext, id: string): string =>
  `${originOf(c)}/api/webhooks/deliveries/${id}`;

/** Wakes the dispatcher of a receiver after the response. The sweep covers a lost wake. */
export function wakeReceiver(c: AppContext, receiver: string): void {
  const { deps } = c.var;
  const failed = (error: unknown) => deps.log.error("webhooks.wake_failed", describeError(error));
  c.executionCtx.waitUntil(deps.receivers.wake(receiver).catch(failed));
}

/** Adds the routes of the delivery log. */
export function addDeliveryLog(webhooks: Hono<AppEnv>): void {
  webhooks.get("/deliveries", query(LogQuery), async (c) => {
    const filter = c.req.valid("query");
    const rows = await deliveryPage(c.var.deps, c.var.caller.owner, filter);
    const data = rows.slice(0, filter.limit).map(presentDelivery);
    const hasMore = rows.length > filter.limit;
    return c.json({ object: "list", data, hasMore, lastId: data.at(-1)?.id ?? null });
  });

  webhooks.get(DELIVERY, async (c) => {
    const found = await findDelivery(c.var.deps, c.var.caller.owner, c.req.param("id"));
    if (found === null) return refuse(c, deliveryNotFound);
    return c.json({ ...presentDelivery(found), body: found.body });
  });

  webhooks.post(`${DELIVERY}/redeliver`, async (c) => {
    const made = await redeliver(c.var.deps, c.var.caller, c.req.param("id"));
    if (isRefusal(made)) return refuse(c, made);
    wakeReceiver(c, made.receiver);
    return c.json(presentDelivery(made), 202, { Location: deliveryUrl(c, made.id) });
  });
}
