/** Deliveries in the sweep, and before an artwork is removed. */
import { and, asc, eq, inArray, isNotNull, lt, lte, notExists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { webhookDeliveries } from "../../db/webhook-deliveries.ts";
import { idsSince } from "../../lib/ids.ts";
import { describeError } from "../../lib/log.ts";
import { DAY } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";
import { renderBody } from "./body.ts";
import { bodyStatement, unrenderedOf } from "./deliveries.ts";

/** How long a delivery is on record. The last try is made within ten days, whatever its receiver asks for. */
const KEPT_FOR = 30 * DAY;

/** Receivers with a delivery that was due before `before`, longest first. Each counts once, whatever its backlog. */
async function overdueReceivers({ db }: Pick<Deps, "db">, before: number, limit: number) {
  const { receiver, nextTryAt, id } = webhookDeliveries;
  const other = alias(webhookDeliveries, "other");
  const isEarlier = and(
    eq(other.receiver, receiver),
    isNotNull(other.nextTryAt),
    sql`(${other.nextTryAt}, ${other.id}) < (${nextTryAt}, ${id})`,
  );
  const earlier = db.select({ id: other.id }).from(other).where(isEarlier);
  const rows = await db
    .select({ receiver })
    .from(webhookDeliveries)
    .where(and(isNotNull(nextTryAt), lte(nextTryAt, before), notExists(earlier)))
    .orderBy(asc(nextTryAt))
    .limit(limit);
  return rows.map((row) => row.receiver);
}

/** The safety net: wakes dispatchers whose wake or alarm was lost. */
export async function wakeOverdueReceivers(deps: Deps, before: number, limit: number): Promise<void> {
  const overdue = await overdueReceivers(deps, before, limit);
  const wakes = await Promise.allSettled(overdue.map((receiver) => deps.receivers.wake(receiver)));
  for (const result of wakes) {
    if (result.status === "rejected") deps.log.error("sweep.wake_failed", describeError(result.reason));
  }
  if (overdue.length > 0) deps.log.warn("sweep", { wokenReceivers: overdue.length });
}

/** Removes deliveries that are over their time, at most `limit` of them; the rest is over next minute too. */
export async function deleteOldDeliveries({ db, now }: Pick<Deps, "db" | "now">, limit: number) {
  const old = db
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(lt(webhookDeliveries.id, idsSince("whd", now() - KEPT_FOR)))
    .limit(limit);
  await db.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, old));
}

/** Renders the pending deliveries of an artwork before its rows are deleted, so that they are still sent. */
export async function renderPending(deps: Deps, artworkId: string): Promise<void> {
  const pending = await unrenderedOf(deps, artworkId);
  const bodies = await Promise.all(pending.map((row) => renderBody(deps, row)));
  const [first, ...others] = pending.flatMap(({ id }, index) => {
    const body = bodies[index] ?? null;
    return body === null ? [] : [bodyStatement(deps, id, body)];
  });
  if (first !== undefined) await deps.db.batch([first, ...others]);
}
