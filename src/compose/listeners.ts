/** The listeners of every change. The publisher waits for the cache only. */
import { invalidateViews } from "../domain/artworks/views.ts";
import type { Deps } from "../domain/deps.ts";
import type { Listener } from "../domain/ports/changes.ts";
import type { StartSlots } from "../domain/ports/start-slots.ts";
import { freeSlots } from "../domain/start-slots/take-slot.ts";
import type { Config } from "../env.ts";
import { describeError } from "../lib/log.ts";
import { publishToRedis } from "../redis/listener.ts";
import type { Platform } from "./platform.ts";

/** Notifies the owner's feed. The next change covers a notification that is lost. */
const notifyFeeds = ({ feeds, log, later }: Platform): Listener => ({
  name: "feeds",
  onChange: async ({ owner }) => {
    const failed = (error: unknown) => log.error("feed.notify_failed", describeError(error));
    later(feeds.notify(owner).catch(failed));
  },
});

/** Wakes the dispatchers of the change's receivers. The sweep covers a wake that is lost. */
const wakeReceivers = ({ receivers, log, later }: Platform): Listener => ({
  name: "webhooks",
  onChange: async ({ receivers: changed = [] }) => {
    const failed = (error: unknown) => log.error("webhooks.wake_failed", describeError(error));
    for (const receiver of changed) later(receivers.wake(receiver).catch(failed));
  },
});

/** Releases a start slot without waiting for it. A lost release heals: the entry expires at the job's deadline. */
const releaseLater = ({ startSlots, log, later }: Platform): Pick<StartSlots, "release"> => ({
  release: async (credentialId, generationId) => {
    const failed = (error: unknown) => log.error("slots.release_lost", describeError(error));
    later(startSlots.release(credentialId, generationId).catch(failed));
  },
});

/** All listeners, in the order in which they run: the cache first, so that nobody reads a stale view after a notification. */
export const createListeners = (
  platform: Platform,
  { REDIS_URL: url }: Config,
  { more, deps }: { readonly more: readonly Listener[]; readonly deps: () => Deps },
): Listener[] => [
  invalidateViews(platform.cache),
  freeSlots(releaseLater(platform)),
  wakeReceivers(platform),
  notifyFeeds(platform),
  ...more,
  ...(url === null ? [] : [publishToRedis({ url, deps, later: platform.later })]),
];
