import type { Phase } from "./process.ts";
import type { Action } from "./schedule.ts";

/** What happens to the process that comes to the gate. */
export type Mode =
  /** The process dies. The platform runs its alarm again, or the alarm is lost and the sweep recovers. */
  | { readonly kind: "stop"; readonly alarm: "again" | "lost" }
  /** The process hangs until the platform ends it; meanwhile no other run of the artwork starts. */
  | { readonly kind: "stall" }
  /** The operation fails, before or after it took effect, and the process goes on with that. */
  | { readonly kind: "throw" }
  /** The operation takes this long. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** Another action happens during the operation. */
  | { readonly kind: "meanwhile"; readonly action: Action };

/** A fault that happens once: at the n-th gate of the world, or at the n-th gate of one kind. */
export interface Fault {
  readonly at: number | { readonly point: string; readonly nth: number };
  readonly phase: Phase;
  readonly mode: Mode;
}

/** Every kind of gate; the proof asserts that a process died at each, before and after its effect. */
export const POINTS = [
  "db read",
  "db artwork.queued",
  "db artwork.submitting",
  "db artwork.processing",
  "db artwork.storing",
  "db artwork.completed",
  "db artwork.failed",
  "db artwork.canceled",
  "db generation.outcome_unknown",
  "db insert callbacks",
  "db update generations",
  "db update outputs",
  "db artwork.deleted",
  "db delete outputs",
  "provider.submit",
  "provider.poll",
  "db update uploads",
  "uploadStore.publish",
  "mediaStore.copy",
  "mediaStore.find",
  "mediaStore.remove",
  "cache.get",
  "cache.put",
  "cache.remove",
  "actors.wake",
  "slots.ask",
  "slots.release",
  "slots.requeueFirst",
  "slots.disable",
] as const;
