/** Composition root: a platform and a configuration become everything that the domain needs. */
import type { Deps } from "../domain/deps.ts";
import type { Listener } from "../domain/ports/changes.ts";
import type { Config } from "../env.ts";
import { createIdSource, randomText } from "../lib/ids.ts";
import { createWebhookSender } from "../media/fetch-untrusted.ts";
import { createMediaStore } from "../media/media-store.ts";
import { MODELS } from "../models/index.ts";
import { createListeners } from "./listeners.ts";
import type { Platform } from "./platform.ts";
import { promptOptimizer, providers } from "./providers.ts";
import { expiryOf, settingsOf } from "./settings.ts";
import { trustedUrls } from "./trusted-urls.ts";
import { uploadStoreFor } from "./upload-store.ts";

/** 26 × 5 = 130 random bits. */
const newToken = () => randomText(26);

/** Everything that a request or an alarm needs. `more` are listeners of the place that composes. */
export function compose(platform: Platform, config: Config, more: readonly Listener[] = []): Deps {
  const { bucket, fetch, now } = platform;
  const { db, log, pause, cache, actors, feeds, startSlots, receivers } = platform;
  const deps: Deps = {
    db,
    now,
    pause,
    newId: createIdSource(now),
    newToken,
    log,
    models: MODELS,
    providers: providers(config, fetch, now),
    mediaStore: createMediaStore({
      bucket,
      fetch,
      isTrusted: trustedUrls(config),
      expiresAt: expiryOf(config, now),
    }),
    uploadStore: uploadStoreFor(config, bucket, fetch),
    optimizer: promptOptimizer(config, fetch),
    cache,
    actors,
    feeds,
    startSlots,
    receivers,
    webhookSender: createWebhookSender({
      fetch: platform.fetchReceiver,
      isTrusted: () => config.DEV_MODE,
      timer: platform.timer,
    }),
    listeners: createListeners(platform, config, { more, deps: () => deps }),
    settings: settingsOf(config),
  };
  return deps;
}
