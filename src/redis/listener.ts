import type { Deps } from "../domain/deps.ts";
import type { Listener } from "../domain/ports/changes.ts";
import { isTerminal } from "../domain/status.ts";

interface RedisListenerOptions {
  readonly url: string;
  /** Asked for when they are needed: they have this very listener among theirs. */
  readonly deps: () => Deps;
  /** Lets work go on that nobody waits for. */
  readonly later: (work: Promise<void>) => void;
}

/** Publishes every end to Redis in the background and returns at once. */
export const publishToRedis = ({ url, deps, later }: RedisListenerOptions): Listener => ({
  name: "redis",
  onChange: async (change) => {
    if (change.generation === null || !isTerminal(change.generation.status)) return;
    later(import("./publish.ts").then(({ publishEnd }) => publishEnd(url, deps(), change)));
  },
});
