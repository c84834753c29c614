import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";
import { deleteOldEvents } from "./events/feed.ts";
import { deleteExpiredKeys } from "./requests/idempotency.ts";
import type { Deps } from "./deps.ts";
import { overdueArtworks } from "./generations/queries.ts";
import { removeUnusedUploads } from "./uploads/uploads.ts";

/** An actor is this late only when its alarm or wake was lost, or during a long copy. */
const FORGOTTEN_AFTER = 30 * SECOND;

/** A Worker may make 1,000 calls to Durable Objects and bindings in one run; what is left is due next minute. */
const ARTWORKS_PER_SWEEP = 500;
const RECEIVERS_PER_SWEEP = 200;
/** A delete that D1 does in a moment; more rows than this a minute are removed in the quiet hours. */
const ROWS_PER_SWEEP = 1_000;

/** A busy service writes about a thousand a minute; this is ahead of it. */
const FEED_ROWS_PER_SWEEP = 3_000;

/** The work of the cron, every minute. A part that fails is logged and does not stop the others. */
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
 * The safety net: wakes the actor of every overdue artwork, so that a wake which never arrived, or an alarm
 * that the platform gave up, costs a minute and nothing else.
 */
async function wakeOverdue(deps: Deps): Promise<void> {
  const overdue = await overdueArtworks(deps, deps.now() - FORGOTTEN_AFTER, ARTWORKS_PER_SWEEP);
  const wakes = await Promise.allSettled(overdue.map((artworkId) => deps.actors.wake(artworkId)));
  for (const result of wakes) {
    if (result.status === "rejected") deps.log.error("sweep.wake_failed", describeError(result.reason));
  }
  if (overdue.length > 0) deps.log.warn("sweep", { woken: overdue.length });
}

async function sweepWebhooks(deps: Deps): Promise<void> {
  const { deleteOldDeliveries, wakeOverdueReceivers } = await import("./webhooks/housekeeping.ts");
  await wakeOverdueReceivers(deps, deps.now() - FORGOTTEN_AFTER, RECEIVERS_PER_SWEEP);
  await deleteOldDeliveries(deps, ROWS_PER_SWEEP);
}
