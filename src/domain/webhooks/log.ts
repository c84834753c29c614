/** The log of deliveries as its owner reads it, and what its owner has sent once more. */
import { and, desc, eq, isNotNull, lt, sql } from "drizzle-orm";
import { webhookDeliveries } from "../../db/webhook-deliveries.ts";
import { webhookEndpoints } from "../../db/webhook-endpoints.ts";
import type { Deps } from "../deps.ts";
import type { Refusal } from "../refusal.ts";
import type { Caller } from "../caller.ts";
import type { DeliveryRow } from "../rows.ts";

export const deliveryNotFound: Refusal = {
  refused: "not_found",
  message: "There is no delivery of this id, or it is older than 30 days.",
};

export const webhookDisabled: Refusal = {
  refused: "webhook_disabled",
  message: "Its webhook is disabled or deleted. Enable it first.",
};

export interface LogFilter {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly artwork?: string | undefined;
  readonly status?: DeliveryRow["status"] | undefined;
}

/** A page of an owner's deliveries, newest first; asks for one more than `limit` to know whether more follow. */
export const deliveryPage = ({ db }: Pick<Deps, "db">, owner: string, filter: LogFilter) =>
  db
    .select()
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.owner, owner),
        filter.artwork === undefined ? undefined : eq(webhookDeliveries.artworkId, filter.artwork),
        filter.status === undefined ? undefined : eq(webhookDeliveries.status, filter.status),
        filter.after === undefined ? undefined : lt(webhookDeliveries.id, filter.after),
      ),
    )
    .orderBy(desc(webhookDeliveries.id))
    .limit(filter.limit + 1);

const ofOwner = (owner: string, id: string) =>
  and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.owner, owner));

export async function findDelivery(
  { db }: Pick<Deps, "db">,
  owner: string,
  id: string,
): Promise<DeliveryRow | null> {
  return (await db.select().from(webhookDeliveries).where(ofOwner(owner, id)))[0] ?? null;
}

/** True in SQL when the endpoint of a delivery is there and enabled, or when it needs none. */
const isWanted = sql`(endpoint_id is null or exists (
  select 1 from ${webhookEndpoints} as e where e.id = endpoint_id and e.disabled_at is null))`;

/**
 * Makes a delivery due now. One that has ended begins its tries anew, with the id and the bytes that it had; one that
 * is pending is only brought forward.
 */
export async function redeliver(deps: Deps, caller: Caller, id: string): Promise<DeliveryRow | Refusal> {
  const isPending = sql`status = 'pending'`;
  const urlNow = sql`(select e.url from ${webhookEndpoints} as e where e.id = endpoint_id)`;
  const [made] = await deps.db
    .update(webhookDeliveries)
    .set({
      status: "pending",
      nextTryAt: deps.now(),
      url: sql`coalesce(${urlNow}, url)`,
      tries: sql`case when ${isPending} then tries else 0 end`,
    })
    .where(and(ofOwner(caller.owner, id), isWanted))
    .returning();
  if (made !== undefined) return made;
  const found = await findDelivery(deps, caller.owner, id);
  return found === null ? deliveryNotFound : webhookDisabled;
}

/** Records a delivery of the type `webhook.test` for an endpoint, whatever types of event it takes. */
export async function recordTest(
  deps: Deps,
  caller: Caller,
  endpointId: string,
): Promise<DeliveryRow | null> {
  const now = deps.now();
  // The values stand in the order of the table's columns.
  const [made] = await deps.db
    .insert(webhookDeliveries)
    .select(
      sql`select ${deps.newId("whd")}, owner, id, id, url, 'webhook.test', null, null, 'pending', ${now}, ${now}, 0, '[]', null
        from ${webhookEndpoints} where id = ${endpointId} and owner = ${caller.owner} and disabled_at is null`,
    )
    .returning();
  return made ?? null;
}

/** Sends what is pending for an endpoint to where it is now. */
export function redirectStatement({ db }: Pick<Deps, "db">, endpointId: string) {
  const url = sql`(select url from ${webhookEndpoints} where id = ${endpointId})`;
  return db
    .update(webhookDeliveries)
    .set({ url: sql`coalesce(${url}, url)` })
    .where(and(eq(webhookDeliveries.receiver, endpointId), isNotNull(webhookDeliveries.nextTryAt)));
}
