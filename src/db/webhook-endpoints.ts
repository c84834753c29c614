import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** An owner's webhook endpoint. */
export const webhookEndpoints = sqliteTable(
  "webhook_endpoints",
  {
    id: text("id").primaryKey(),
    owner: text("owner").notNull(),
    url: text("url").notNull(),
    /** The types of event that it takes; never empty. */
    events: text("events", { mode: "json" }).$type<readonly string[]>().notNull(),
    description: text("description"),
    /** As it is: what signs must know it. */
    secret: text("secret").notNull(),
    /** The secret before the last rotation, and until when it signs as well. */
    previousSecret: text("previous_secret"),
    previousUntil: integer("previous_until"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    disabledAt: integer("disabled_at"),
    /** The reason that it is off: its owner, or its own answer 410. */
    disabledBy: text("disabled_by", { enum: ["owner", "gone"] }),
  },
  (table) => [index("webhook_endpoints_by_owner").on(table.owner, table.id)],
);

/** The secret that signs deliveries to URLs in requests, one per owner. */
export const webhookSecrets = sqliteTable("webhook_secrets", {
  owner: text("owner").primaryKey(),
  secret: text("secret").notNull(),
  previousSecret: text("previous_secret"),
  previousUntil: integer("previous_until"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});
