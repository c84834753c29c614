import type { Log } from "../../lib/log.ts";

export type OptimizedPrompt =
  | { readonly ok: true; readonly prompt: string }
  /** The problem and its remedy, as a sentence. */
  | { readonly ok: false; readonly message: string };

/** Rewrites prompts so that a model makes more of them. */
export interface PromptOptimizer {
  /** The missing configuration, as a sentence; null when complete. */
  readonly problem: string | null;
  /** Answers within `milliseconds`. Costs the caller nothing. Never throws. */
  readonly optimize: (prompt: string, milliseconds: number, log: Log) => Promise<OptimizedPrompt>;
}
