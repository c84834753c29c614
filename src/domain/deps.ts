import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { IdPrefix } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { Model } from "../models/model.ts";
import type { Cache } from "./ports/cache.ts";
import type { Feeds, Listener } from "./ports/changes.ts";
import type { MediaStore } from "./ports/media-store.ts";
import type { PromptOptimizer } from "./ports/prompt-optimizer.ts";
import type { Providers } from "./ports/provider.ts";
import type { StartSlots } from "./ports/start-slots.ts";
import type { UploadStore } from "./ports/upload-host.ts";
import type { Actors, Receivers } from "./ports/wake.ts";
import type { WebhookSender } from "./ports/webhook-sender.ts";
import type { Settings } from "./settings.ts";

/** Everything that the domain needs from outside. `compose/` provides it. */
export interface Deps {
  readonly db: DrizzleD1Database;
  readonly now: () => number;
  /** Resolves after so many milliseconds, and leaves no timer behind. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly newId: (prefix: IdPrefix) => string;
  /** An unguessable token for a callback URL. */
  readonly newToken: () => string;
  readonly log: Log;
  readonly models: readonly Model[];
  readonly providers: Providers;
  readonly mediaStore: MediaStore;
  readonly uploadStore: UploadStore;
  readonly optimizer: PromptOptimizer;
  readonly cache: Cache;
  readonly actors: Actors;
  readonly feeds: Feeds;
  readonly startSlots: StartSlots;
  readonly receivers: Receivers;
  readonly webhookSender: WebhookSender;
  /** Called on every change, in this order. A listener that fails is logged and skipped. */
  readonly listeners: readonly Listener[];
  readonly settings: Settings;
}
