/** What `compose` builds on: storage, network, time and the other objects of this service. Tests bring their own. */
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Cache } from "../domain/ports/cache.ts";
import type { Feeds } from "../domain/ports/changes.ts";
import type { StartSlots } from "../domain/ports/start-slots.ts";
import type { Actors, Receivers } from "../domain/ports/wake.ts";
import type { Timer } from "../lib/change-signal.ts";
import type { Fetch } from "../lib/fetch.ts";
import type { Log } from "../lib/log.ts";

export interface Platform {
  readonly db: DrizzleD1Database;
  readonly bucket: R2Bucket;
  readonly cache: Cache;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly timer: Timer;
  /** Calls providers, hosts and result links. */
  readonly fetch: Fetch;
  /** Calls webhook receivers. */
  readonly fetchReceiver: Fetch;
  readonly actors: Actors;
  readonly feeds: Feeds;
  readonly startSlots: StartSlots;
  readonly receivers: Receivers;
  /** Keeps the process alive until the work has ended; the caller does not wait. */
  readonly later: (work: Promise<unknown>) => void;
}
