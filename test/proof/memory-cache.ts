import type { Cache } from "../../src/domain/ports/cache.ts";

/** A cache on the proof's own clock; KV expires its entries by real time. */
export function memoryCache(now: () => number): Cache {
  const entries = new Map<string, { readonly json: string; readonly until: number }>();
  return {
    get: async <Value>(key: string) => {
      const entry = entries.get(key);
      return entry === undefined || entry.until <= now() ? null : (JSON.parse(entry.json) as Value);
    },
    put: async (key, value, ttlSeconds) =>
      void entries.set(key, { json: JSON.stringify(value), until: now() + ttlSeconds * 1_000 }),
    remove: async (key) => void entries.delete(key),
  };
}
