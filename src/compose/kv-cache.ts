import type { Cache } from "../domain/ports/cache.ts";
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";

/**
 * KV as the domain's cache. A failed read or write counts as a miss: D1 has the answer, and KV takes one write per second
 * and key. A caller of `put` does not wait; `later` completes the write.
 */
export const kvCache = (kv: KVNamespace, log: Log, later: (writing: Promise<void>) => void): Cache => ({
  get: async <Value>(key: string) => {
    try {
      return await kv.get<Value>(key, "json");
    } catch (error) {
      log.warn("cache.get_failed", { key, ...describeError(error) });
      return null;
    }
  },
  put: async (key, value, ttlSeconds) => {
    const failed = (error: unknown) => log.warn("cache.put_failed", { key, ...describeError(error) });
    later(kv.put(key, JSON.stringify(value), { expirationTtl: ttlSeconds }).catch(failed));
  },
  remove: (key) => kv.delete(key),
});
