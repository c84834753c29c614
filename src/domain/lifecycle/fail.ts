import type { Failure } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { publishGeneration } from "../generations/publish.ts";
import { transition } from "../generations/transitions.ts";
import type { Changes } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { fallBack, fallbackFor } from "./fallback.ts";
import * as schedule from "./schedule.ts";

/**
 * Ends an attempt that has failed for certain: the next model takes over where there is one that may survive
 * the reason; else the generation has failed, for a reason that its owner understands.
 */
export async function fail(
  deps: Deps,
  row: GenerationRow,
  reason: Failure,
  changes: Changes = {},
): Promise<void> {
  const fallback = fallbackFor(deps, row, reason.code);
  if (fallback !== null) return await fallBack(deps, row, { fallback, reason, ...changes });
  const failed = await transition(deps, row, "failed", {
    changes: {
      errorCode: reason.code,
      errorMessage: reason.message,
      completedAt: deps.now(),
      dueAt: schedule.afterFailure(row, reason.code, deps.now()),
      polls: 0,
      ...changes,
    },
    detail: { code: reason.code },
  });
  if (failed !== null) await publishGeneration(deps, failed);
}
