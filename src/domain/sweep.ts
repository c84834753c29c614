import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";
import { deleteOldEvents } from "./events/feed.ts";
import { deleteExpiredKeys } from "./requests/idempotency.ts";
import type { Deps } from "./deps.ts";
import { overdueArtworks } from "./generations/queries.ts";
import { removeUnusedUploads } from "./uploads/uploads.ts";

/** An actor is this late only when its alarm or kick was lost, or while it is busy with a long copy. */
const FORGOTTEN_AFTER = 30 * SECOND;

/** A Worker may make 1,000 calls to Durable Objects and bindings in one run; what is left is due next minute. */
const ARTWORKS_PER_SWEEP = 500;
const RECEIVERS_PER_SWEEP = 200;
/** A delete that D1 does in a moment; more rows than this a minute are removed in the quiet hours. */
const ROWS_PER_SWEEP = 1_000;

/** A busy service writes about a thousand a minute; this is ahead of it. */
const FEED_ROWS_PER_SWEEP = 3_000;

/** What the cron does every minute. Trouble with one part is logged and does not keep the others from their work. */
export async function sweep(deps: Deps): Promise<void> {
  const parts = await Promise.allSettled([
    wakeOverdue(deps),
    deleteExpiredKeys(deps, ROWS_PER_SWEEP),
    deleteOldEvents(deps, FEED_ROWS_PER_SWEEP),
    removeUnusedUploads(deps),
    sweepWebhooks(deps),
  ]);
  for (const part of parts) {
    if (part.status === "rejected") deps.log.error("sweep.failed", describeError(part.reason));
  }
}

/**
 * The net: kicks the actor of every artwork that is overdue, so that a kick which never arrived, or an alarm
 * that the platform gave up, costs a minute and nothing else.
 */
async function wakeOverdue(deps: Deps): Promise<void> {
  const overdue = await overdueArtworks(deps, deps.now() - FORGOTTEN_AFTER, ARTWORKS_PER_SWEEP);
  const wakes = await Promise.allSettled(overdue.map((artworkId) => deps.actors.wake(artworkId)));
  for (const kick of wakes) {
    if (kick.status === "rejected") deps.log.error("sweep.kick_failed", describeError(kick.reason));
  }
  if (overdue.length > 0) deps.log.warn("sweep", { woken: overdue.length });
}

async function sweepWebhooks(deps: Deps): Promise<void> {
  const { deleteOldDeliveries, wakeOverdueReceivers } = await import("./webhooks/housekeeping.ts");
  await wakeOverdueReceivers(deps, deps.now() - FORGOTTEN_AFTER, RECEIVERS_PER_SWEEP);
  await deleteOldDeliveries(deps, ROWS_PER_SWEEP);
}
