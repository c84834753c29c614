/** Records webhook deliveries in the batch of the transition, so that every recorded transition is delivered. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { webhookDeliveries } from "../../db/webhook-deliveries.ts";
import { datedPart } from "../../lib/ids.ts";
import type { EventType } from "./event-types.ts";
import type { Deps } from "../deps.ts";
import type { GenerationRow } from "../rows.ts";

/** Every type of event that an endpoint can subscribe to. */
export const WEBHOOK_TYPES = [
  "artwork.queued",
  "artwork.processing",
  "artwork.storing",
  "artwork.completed",
  "artwork.failed",
  "artwork.canceled",
] as const satisfies readonly EventType[];

/** The events sent to a URL that a request names: the end only. */
const REQUEST_EVENTS: ReadonlySet<EventType> = new Set([
  "artwork.completed",
  "artwork.failed",
  "artwork.canceled",
] satisfies (typeof WEBHOOK_TYPES)[number][]);

/** The receiver of a URL that this owner's requests name. */
const receiverOf = (owner: string, url: string): string => `${owner} ${url}`;

/**
 * The statement that records a delivery for each receiver of events of this type, if `won` holds.
 * Answers the receivers. The values stand in the order of the table's columns.
 */
export function outboxStatement(
  deps: Pick<Deps, "db" | "now" | "newId">,
  { owner, artworkId, id, webhookUrl }: Pick<GenerationRow, "owner" | "artworkId" | "id" | "webhookUrl">,
  type: EventType,
  won: SQL,
) {
  const now = deps.now();
  const url = REQUEST_EVENTS.has(type) ? webhookUrl : null;
  const receiver = url === null ? null : receiverOf(owner, url);
  const newId = sql`${datedPart(deps.newId("whd"))} || lower(hex(randomblob(17)))`;
  const rest = sql`${type}, ${artworkId}, ${id}, 'pending', ${now}, ${now}, 0, '[]', null`;
  const rows = sql`
    select ${newId}, owner, id, id, url, ${rest} from webhook_endpoints
    where owner = ${owner} and disabled_at is null and instr(events, ${`"${type}"`}) > 0 and ${won}
    union all
    select ${newId}, ${owner}, null, ${receiver}, ${url}, ${rest} where ${url} is not null and ${won}`;
  return deps.db.insert(webhookDeliveries).select(rows).returning({ receiver: webhookDeliveries.receiver });
}
