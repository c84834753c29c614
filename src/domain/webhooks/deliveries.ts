/** The reads and writes of a dispatcher. */
import { and, asc, eq, isNotNull, lte, min, sql } from "drizzle-orm";
import type { DeliveryAttempt } from "../../db/webhook-deliveries.ts";
import { webhookDeliveries } from "../../db/webhook-deliveries.ts";
import { webhookEndpoints } from "../../db/webhook-endpoints.ts";
import { SECOND } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";
import type { DeliveryRow } from "../rows.ts";

/**
 * How long a delivery is hidden while it is sent: longer than a try may take. After a crash in a try it is tried again after
 * that, and a process that can read but not write sends nothing.
 */
const LEASE = 30 * SECOND;

/** Redelivered again and again, a delivery keeps its newest tries. */
const MOST_ATTEMPTS = 30;

/** Deliveries to this receiver that want to be sent, longest first. */
export const dueDeliveries = ({ db, now }: Pick<Deps, "db" | "now">, receiver: string, limit: number) =>
  db
    .select()
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.receiver, receiver), lte(webhookDeliveries.nextTryAt, now())))
    .orderBy(asc(webhookDeliveries.nextTryAt), asc(webhookDeliveries.id))
    .limit(limit);

/** When the next delivery to this receiver wants to be sent, or null. */
export async function nextTryAt({ db }: Pick<Deps, "db">, receiver: string): Promise<number | null> {
  const query = db
    .select({ at: min(webhookDeliveries.nextTryAt) })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.receiver, receiver), isNotNull(webhookDeliveries.nextTryAt)));
  return (await query)[0]?.at ?? null;
}

const isAsSeen = ({ id, tries }: DeliveryRow) =>
  and(
    eq(webhookDeliveries.id, id),
    eq(webhookDeliveries.status, "pending"),
    eq(webhookDeliveries.tries, tries),
  );

/**
 * Takes a delivery for one try, written before it is sent. A body that is on record stays: it is what is sent. Null when
 * there is nothing to be sent any more.
 */
export async function claim(
  { db, now }: Pick<Deps, "db" | "now">,
  delivery: DeliveryRow,
  body: string,
): Promise<DeliveryRow | null> {
  const [claimed] = await db
    .update(webhookDeliveries)
    .set({ nextTryAt: now() + LEASE, body: sql`coalesce(body, ${body})` })
    .where(isAsSeen(delivery))
    .returning();
  return claimed ?? null;
}

export interface Outcome {
  readonly status: DeliveryRow["status"];
  readonly nextTryAt: number | null;
}

/** Records a try and its outcome, unless the receiver was switched off meanwhile. */
export function recordStatement(
  { db }: Pick<Deps, "db">,
  delivery: DeliveryRow,
  attempt: DeliveryAttempt,
  outcome: Outcome,
) {
  const attempts = [...delivery.attempts, attempt].slice(-MOST_ATTEMPTS);
  return db
    .update(webhookDeliveries)
    .set({ ...outcome, attempts, tries: delivery.tries + 1 })
    .where(isAsSeen(delivery));
}

/** Ends what is pending for an endpoint that is switched off, or gone, by the time that this runs. */
export function stopStatement({ db }: Pick<Deps, "db">, endpointId: string) {
  const isOn = sql`(select 1 from ${webhookEndpoints} where id = ${endpointId} and disabled_at is null)`;
  return db
    .update(webhookDeliveries)
    .set({ status: "disabled", nextTryAt: null })
    .where(
      and(
        eq(webhookDeliveries.receiver, endpointId),
        isNotNull(webhookDeliveries.nextTryAt),
        sql`not exists ${isOn}`,
      ),
    );
}

/** Switches an endpoint off that answered at this URL that it is gone. */
export const goneStatement = ({ db, now }: Pick<Deps, "db" | "now">, endpointId: string, url: string) =>
  db
    .update(webhookEndpoints)
    .set({ disabledAt: now(), disabledBy: "gone", updatedAt: now() })
    .where(and(eq(webhookEndpoints.id, endpointId), eq(webhookEndpoints.url, url)));

/** An artwork's pending deliveries without a body. */
export const unrenderedOf = ({ db }: Pick<Deps, "db">, artworkId: string) =>
  db
    .select()
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.artworkId, artworkId),
        isNotNull(webhookDeliveries.nextTryAt),
        sql`body is null`,
      ),
    )
    .limit(200);

/** Puts a body on record, unless there is one. */
export const bodyStatement = ({ db }: Pick<Deps, "db">, id: string, body: string) =>
  db
    .update(webhookDeliveries)
    .set({ body: sql`coalesce(body, ${body})` })
    .where(eq(webhookDeliveries.id, id));
