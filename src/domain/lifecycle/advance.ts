/**
 * The life of a generation: submit, observe, store. Read this first.
 *
 * `advance` is level-triggered: it reads one row, does the one thing that is due, writes the row. The caller,
 * the number of calls and their order do not matter. One actor per artwork calls it, one step at a time; should two
 * ever overlap, every write asks for the status that the step began with, so one of them wins and the other stops.
 */
import { pollForLateResult, reconcileCanceled } from "./late-results.ts";
import type { Deps } from "../deps.ts";
import { expireResults } from "./expire.ts";
import type { GenerationRow } from "../rows.ts";
import { storeOutputs } from "./store-outputs.ts";
import { observe } from "./observe.ts";
import { submit } from "./submit.ts";
import { resolveUnknown } from "./unknown-outcome.ts";

/** Takes the step that is due and records it. Throws only what is a bug or an outage of our own storage. */
export async function advance(deps: Deps, row: GenerationRow): Promise<void> {
  switch (row.status) {
    case "queued":
      return await submit(deps, row);
    case "submitting":
      return await resolveUnknown(deps, row);
    case "processing":
      return await observe(deps, row);
    case "storing":
      return await storeOutputs(deps, row);
    case "failed":
      return await pollForLateResult(deps, row);
    case "canceled":
      return await reconcileCanceled(deps, row);
    case "completed":
      return await expireResults(deps, row);
  }
}
