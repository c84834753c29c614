import { env } from "cloudflare:workers";
import { kvCache } from "../../src/compose/kv-cache.ts";
import type { Cache } from "../../src/domain/ports/cache.ts";
import type { Log } from "../../src/lib/log.ts";

/** Tests of a file share their storage and provider keys, so each world has its own credential health. */
export function ownCache(log: Log, later: (write: Promise<void>) => void): Cache {
  const cache = kvCache(env.CACHE, log, later);
  const world = crypto.randomUUID();
  const own = (key: string) => (key.startsWith("provider-key:") ? `${world}:${key}` : key);
  return {
    get: (key) => cache.get(own(key)),
    put: (key, value, ttlSeconds) => cache.put(own(key), value, ttlSeconds),
    remove: (key) => cache.remove(own(key)),
  };
}
