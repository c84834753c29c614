import type { Log } from "../../lib/log.ts";

export type OptimizedPrompt =
  | { readonly ok: true; readonly prompt: string }
  /** What went wrong and what would help, as a sentence. */
  | { readonly ok: false; readonly message: string };

/** Who rewrites prompts so that a model makes more of them. */
export interface PromptOptimizer {
  /** What its operator has to set, as a sentence; null when all is set. */
  readonly problem: string | null;
  /** Answers within `milliseconds`. Costs the caller nothing. Never throws. */
  readonly optimize: (prompt: string, milliseconds: number, log: Log) => Promise<OptimizedPrompt>;
}
