import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One try of a delivery. `at` in epoch milliseconds; without an answer there is no status code. */
export interface DeliveryAttempt {
  readonly at: number;
  readonly statusCode: number | null;
  readonly milliseconds: number;
  readonly error: string | null;
  /** How the answer's body began. */
  readonly response: string | null;
}

/** One event for one receiver: outbox and log in one. The row holds all that the next try needs. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    /** The `webhook-id` header of the delivery. */
    id: text("id").primaryKey(),
    owner: text("owner").notNull(),
    /** Null for a URL that a request named. */
    endpointId: text("endpoint_id"),
    /** Whose dispatcher sends it: the endpoint's id, or owner and URL. */
    receiver: text("receiver").notNull(),
    url: text("url").notNull(),
    type: text("type").notNull(),
    /** Null for a test, which is about no artwork. */
    artworkId: text("artwork_id"),
    generationId: text("generation_id"),
    status: text("status", { enum: ["pending", "delivered", "failed", "disabled"] }).notNull(),
    createdAt: integer("created_at").notNull(),
    /** When it wants to be sent; null when there is nothing left to do. */
    nextTryAt: integer("next_try_at"),
    /** Since it was last made pending: sets the pace. */
    tries: integer("tries").notNull().default(0),
    /** The newest tries, oldest first. */
    attempts: text("attempts", { mode: "json" }).$type<readonly DeliveryAttempt[]>().notNull().default([]),
    /** The body, byte for byte the same at every try; null until the first one. */
    body: text("body"),
  },
  (table) => [
    index("webhook_deliveries_by_owner").on(table.owner, table.id),
    index("webhook_deliveries_by_status").on(table.owner, table.status, table.id),
    index("webhook_deliveries_by_artwork")
      .on(table.artworkId, table.id)
      .where(sql`artwork_id is not null`),
    index("webhook_deliveries_by_due")
      .on(table.nextTryAt)
      .where(sql`next_try_at is not null`),
    index("webhook_deliveries_by_receiver")
      .on(table.receiver, table.nextTryAt, table.id)
      .where(sql`next_try_at is not null`),
  ],
);
