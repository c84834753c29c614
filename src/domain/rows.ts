/** The rows of the tables in `db/`, as every room reads them. */
import type { artworks, events, feed, generations, outputs, uploads } from "../db/schema.ts";
import type { webhookDeliveries } from "../db/webhook-deliveries.ts";
import type { webhookEndpoints } from "../db/webhook-endpoints.ts";

export type ArtworkRow = typeof artworks.$inferSelect;
export type GenerationRow = typeof generations.$inferSelect;
export type OutputRow = typeof outputs.$inferSelect;
export type EventRow = typeof events.$inferSelect;
export type FeedRow = typeof feed.$inferSelect;
export type UploadRow = typeof uploads.$inferSelect;
export type DeliveryRow = typeof webhookDeliveries.$inferSelect;
export type EndpointRow = typeof webhookEndpoints.$inferSelect;

/** An artwork with one of its generations, mostly the newest. */
export interface ArtworkWithGeneration {
  readonly artwork: ArtworkRow;
  readonly generation: GenerationRow;
}
