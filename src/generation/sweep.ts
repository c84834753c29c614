import { describeError } from "../lib/log.ts";
import { FORGOTTEN_AFTER } from "./lifecycle.ts";
import type { Deps } from "./ports.ts";
import { overdueArtworks } from "./queries.ts";
import { removeUnusedUploads } from "./uploads.ts";

/** A Worker may make 1,000 calls to Durable Objects and bindings in one run; what is left is due next minute. */
const ARTWORKS_PER_SWEEP = 500;

/** What the cron does every minute. Trouble with the one part is logged and does not keep the other from its work. */
export async function sweep(deps: Deps): Promise<void> {
  const parts = await Promise.allSettled([kickOverdue(deps), removeUnusedUploads(deps)]);
  for (const part of parts) {
    if (part.status === "rejected") deps.log.error("sweep.failed", describeError(part.reason));
  }
}

/**
 * The net: kicks the actor of every artwork that is overdue, so that a kick which never arrived, or an alarm
 * that the platform gave up, costs a minute and nothing else. Answers how many.
 */
async function kickOverdue(deps: Deps): Promise<number> {
  const overdue = await overdueArtworks(deps, deps.now() - FORGOTTEN_AFTER, ARTWORKS_PER_SWEEP);
  const kicks = await Promise.allSettled(overdue.map((artworkId) => deps.actors.kick(artworkId)));
  for (const kick of kicks) {
    if (kick.status === "rejected") deps.log.error("sweep.kick_failed", describeError(kick.reason));
  }
  if (overdue.length > 0) deps.log.warn("sweep", { kicked: overdue.length });
  return overdue.length;
}
