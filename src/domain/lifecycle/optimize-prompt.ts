/**
 * Rewrites the prompt before the first start is requested. The sent prompt is on record before anything is paid; the
 * caller's own words stay in the row's `request`, which is what a regenerate inherits. Safe to run twice: until its
 * outcome is on record nothing has followed from it.
 */
import { recordAndPublish } from "../generations/publish.ts";
import type { Fallback, PromptOptimization } from "../../db/schema.ts";
import { SECOND } from "../../lib/time.ts";
import { findModel } from "../../models/find-model.ts";
import type { Deps } from "../deps.ts";
import type { OptimizedPrompt } from "../ports/prompt-optimizer.ts";
import type { GenerationRow } from "../rows.ts";

/** The longest wait for a rewritten prompt: about the time that an image takes. */
const LONGEST = 10 * SECOND;
/** More than any model's limit is worth; a row holds it once more for each fallback. */
const MOST_CHARACTERS = 10_000;

/** Has the prompt rewritten; where that fails, for whatever reason, the original goes on and the row says why. */
export async function optimizePrompt(deps: Deps, row: GenerationRow, original: string): Promise<void> {
  const answer = await ask(deps, row, original);
  const isSane = answer.ok && answer.prompt.length <= MOST_CHARACTERS;
  const rewritten = isSane ? withPrompt(deps, row, answer.prompt) : null;
  const reason = answer.ok ? "The optimised prompt does not fit the model." : answer.message;
  const optimization: PromptOptimization =
    answer.ok && rewritten !== null
      ? { status: "optimized", message: null, original, prompt: answer.prompt }
      : {
          status: "unavailable",
          message: `${reason} The original prompt is used.`,
          original,
          prompt: null,
        };
  const { status, message } = optimization;
  await recordAndPublish(deps, row, {
    type: "generation.prompt_optimization",
    detail: { status, message },
    changes: { ...rewritten, optimization, dueAt: deps.now() },
  });
}

/** A short deadline is not used up for words. */
function ask(deps: Deps, row: GenerationRow, original: string): Promise<OptimizedPrompt> {
  const milliseconds = Math.min(LONGEST, (row.deadlineAt - deps.now()) / 2);
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id });
  return deps.optimizer.optimize(original, milliseconds, log);
}

/** The job and its fallbacks with another prompt; null when it does not fit all of them, so that there is one truth. */
function withPrompt(
  deps: Deps,
  row: GenerationRow,
  prompt: string,
): Pick<GenerationRow, "input" | "fallbacks"> | null {
  const input = rewrite(deps, row, prompt);
  const fallbacks = row.fallbacks.flatMap((fallback): Fallback[] => {
    const rewritten = rewrite(deps, fallback, prompt);
    return rewritten === null ? [] : [{ ...fallback, input: rewritten }];
  });
  return input === null || fallbacks.length < row.fallbacks.length ? null : { input, fallbacks };
}

function rewrite(
  deps: Deps,
  { model: id, input }: Pick<Fallback, "model" | "input">,
  prompt: string,
): Fallback["input"] | null {
  const model = findModel(deps, id);
  const field = model?.wireNames.prompt;
  if (model === null || field === undefined) return null;
  const parsed = model.input.safeParse({ ...input, [field]: prompt });
  return parsed.success ? { ...parsed.data } : null;
}
