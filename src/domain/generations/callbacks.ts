/** Input from outside the own steps of a generation: callbacks, its turn to start. */
import { and, desc, eq, isNotNull, max, sql } from "drizzle-orm";
import { callbacks, generations } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import { inOrder } from "./operations.ts";
import type { Operation } from "../ports/provider.ts";
import type { GenerationRow } from "../rows.ts";

/** Something came from outside: the row is due, and stays so through a step that has not seen it. */
export const markDue = (now: number) => ({
  callbackAt: sql`max(coalesce(callback_at, 0) + 1, ${now})`,
  dueAt: now,
});

/** Writes a callback to the inbox and makes its generation due, in one batch. */
export async function recordCallback(
  deps: Deps,
  row: GenerationRow,
  callback: { operation: Operation | null; body: string },
): Promise<void> {
  const now = deps.now();
  await deps.db.batch([
    deps.db.insert(callbacks).values({
      id: deps.newId("cbk"),
      generationId: row.id,
      receivedAt: now,
      attempt: row.attempt,
      body: callback.body,
      operation: callback.operation === null ? null : inOrder(callback.operation),
    }),
    deps.db.update(generations).set(markDue(now)).where(eq(generations.id, row.id)),
  ]);
}

/** Makes queued generations due: their turn to start has come. Those that have moved on stay as they are. */
export async function makeDue(
  { db, now }: Pick<Deps, "db" | "now">,
  generationIds: readonly string[],
): Promise<void> {
  const ids = sql`(select value from json_each(${JSON.stringify(generationIds)}))`;
  await db
    .update(generations)
    .set(markDue(now()))
    .where(and(sql`${generations.id} in ${ids}`, eq(generations.status, "queued")));
}

/** How many operations of an attempt's callbacks are read. They differ only when the provider sent one by mistake. */
const MAX_OPERATIONS = 3;

/**
 * The operations that callbacks named for an attempt whose create call was not answered, the newest first; one that
 * belongs to another generation of the same provider does not count.
 */
export async function operationsFromCallbacks(
  { db }: Pick<Deps, "db">,
  { id, attempt, protocol }: Pick<GenerationRow, "id" | "attempt" | "protocol">,
): Promise<Operation[]> {
  // Operations of two providers may look alike.
  const taken = sql`(select 1 from ${generations} where ${generations.operation} = ${callbacks.operation}
    and ${generations.protocol} like ${protocol.replace(/\/.*/, "/%")})`;
  const query = db
    .select({ operation: callbacks.operation })
    .from(callbacks)
    .where(
      and(
        eq(callbacks.generationId, id),
        eq(callbacks.attempt, attempt),
        isNotNull(callbacks.operation),
        sql`not exists ${taken}`,
      ),
    )
    .groupBy(callbacks.operation)
    .orderBy(desc(max(callbacks.receivedAt)))
    .limit(MAX_OPERATIONS);
  return (await query).flatMap(({ operation }) => (operation === null ? [] : [operation]));
}
