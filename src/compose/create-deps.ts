/** The Worker's own platform: Cloudflare's bindings, clock and network. */
import { waitUntil } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import type { Env } from "../bindings.ts";
import type { Deps } from "../domain/deps.ts";
import type { Listener } from "../domain/ports/changes.ts";
import { readConfig } from "../env.ts";
import { platformTimer } from "../lib/change-signal.ts";
import { createLog } from "../lib/log.ts";
import { compose } from "./compose.ts";
import { durableActors, durableFeeds, durableReceivers, durableSlots } from "./durable-stubs.ts";
import { kvCache } from "./kv-cache.ts";
import type { Platform } from "./platform.ts";
import { checkDefaultModel } from "./settings.ts";

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => void platformTimer(milliseconds, resolve));

function cloudflare(env: Env): Platform {
  const log = createLog();
  return {
    db: drizzle(env.DB),
    bucket: env.MEDIA,
    cache: kvCache(env.CACHE, log, waitUntil),
    log,
    now: () => Date.now(),
    pause,
    timer: platformTimer,
    fetch: (url, init) => fetch(url, init),
    fetchReceiver: (url, init) => fetch(url, init),
    actors: durableActors(env.ARTWORKS, log),
    feeds: durableFeeds(env.FEEDS, log),
    startSlots: durableSlots(env.START_SLOTS),
    receivers: durableReceivers(env.WEBHOOKS),
    later: waitUntil,
  };
}

/**
 * Everything that a request or an alarm needs, from the Worker's bindings. `more` are listeners of the caller.
 * Throws `ConfigError`.
 */
export function createDeps(env: Env, more: readonly Listener[] = []): Deps {
  const config = readConfig(env);
  checkDefaultModel(config);
  return compose(cloudflare(env), config, more);
}
