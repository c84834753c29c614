import type { Phase } from "./process.ts";
import type { Action } from "./schedule.ts";

/** What happens to the process that comes to the gate. */
export type Mode =
  /** It dies there. The platform runs its alarm again, or the alarm is lost and only the sweep is left. */
  | { readonly kind: "stop"; readonly alarm: "again" | "lost" }
  /** It hangs there until the platform ends it; meanwhile no other waking of the artwork begins. */
  | { readonly kind: "stall" }
  /** The operation fails, before or after it took effect, and the process goes on with that. */
  | { readonly kind: "throw" }
  /** So much time passes there. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** Something else happens there, and wakes whom it wakes. */
  | { readonly kind: "meanwhile"; readonly action: Action };

/** One thing that goes wrong, once: at the n-th gate of the world, or the n-th time that this is done. */
export interface Fault {
  readonly at: number | { readonly point: string; readonly nth: number };
  readonly phase: Phase;
  readonly mode: Mode;
}

/** Every kind of gate; the proof asserts that a process has died at each, before and after it took effect. */
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
  "provider.look",
  "db update uploads",
  "inputs.publish",
  "copier.copy",
  "copier.find",
  "copier.remove",
  "cache.get",
  "cache.put",
  "cache.remove",
  "actors.wake",
  "slots.ask",
  "slots.release",
  "slots.handBack",
  "slots.setAside",
] as const;
