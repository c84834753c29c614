import { describeError } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";

/** Before each further try of what must not be lost: our own storage is seldom down for longer. */
export const RETRY_DELAYS = [SECOND, 3 * SECOND, 9 * SECOND];

/** Writes, again and again where that throws, but not after `until` (epoch milliseconds). `what` is in the log then. */
export async function withRetry<Result>(
  deps: Pick<Deps, "now" | "pause" | "log">,
  { until, what }: { readonly until: number; readonly what: Readonly<Record<string, unknown>> },
  write: () => Promise<Result>,
): Promise<Result> {
  for (const pause of RETRY_DELAYS) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await write();
    } catch (error) {
      deps.log.error("write.failed", { ...what, ...describeError(error) });
      if (deps.now() + pause >= until) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await deps.pause(pause);
    }
  }
  return await write();
}
