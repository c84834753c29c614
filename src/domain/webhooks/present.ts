/** Webhooks and deliveries as JSON. Pure. */
import { iso } from "../../lib/time.ts";
import type { DeliveryRow, EndpointRow } from "../rows.ts";
import { signing } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";

/** An endpoint without its secret. */
export const presentEndpoint = (row: EndpointRow) => ({
  id: row.id,
  object: "webhook",
  url: row.url,
  events: row.events,
  description: row.description,
  enabled: row.disabledAt === null,
  disabledAt: iso(row.disabledAt),
  disabledBy: row.disabledBy,
  createdAt: iso(row.createdAt),
  updatedAt: iso(row.updatedAt),
});

/** A secret, and until when the one before it signs as well. */
export const presentSecret = (row: Secrets, now: number) => ({
  secret: row.secret,
  previousSecretExpiresAt: signing(row, now).length > 1 ? iso(row.previousUntil) : null,
});

export const presentDelivery = (row: DeliveryRow) => ({
  id: row.id,
  object: "webhook_delivery",
  webhookId: row.endpointId,
  url: row.url,
  type: row.type,
  artworkId: row.artworkId,
  status: row.status,
  attempts: row.attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  nextAttemptAt: iso(row.nextTryAt),
  createdAt: iso(row.createdAt),
});
