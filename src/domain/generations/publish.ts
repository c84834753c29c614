import { describeError } from "../../lib/log.ts";
import type { Change } from "../ports/changes.ts";
import type { Deps } from "../deps.ts";
import { recordEvent } from "./transitions.ts";
import type { GenerationRow } from "../rows.ts";
import type { Transitioned } from "./transitions.ts";

/** Identifies a visible state of a generation: equal tags mean that nothing changed. */
export const changeTag = (row: Pick<GenerationRow, "id" | "version">): string => `${row.id}-${row.version}`;

/** Calls every listener, in order, once the change is in D1. A listener that fails does not stop the others. */
export async function publish(deps: Deps, change: Change): Promise<void> {
  for (const listener of deps.listeners) {
    try {
      // In order: the cached view must be gone before a watcher learns of the change and reads again.
      // oxlint-disable-next-line no-await-in-loop
      await listener.onChange(change);
    } catch (error) {
      const { artworkId, generationNumber } = change;
      const context = { listener: listener.name, artworkId, generationNumber };
      deps.log.error("listener.failed", { ...context, ...describeError(error) });
    }
  }
}

/** Publishes a generation's change, with the receivers for which it recorded a delivery. */
export const publishGeneration = (deps: Deps, row: GenerationRow & Partial<Transitioned>): Promise<void> =>
  publish(deps, {
    artworkId: row.artworkId,
    owner: row.owner,
    generationNumber: row.number,
    generation: row,
    receivers: row.receivers ?? [],
  });

/** Records an event on the timeline (see `recordEvent`) and publishes it. */
export async function recordAndPublish(...[deps, row, event]: Parameters<typeof recordEvent>): Promise<void> {
  const noted = await recordEvent(deps, row, event);
  if (noted !== null) await publishGeneration(deps, noted);
}
