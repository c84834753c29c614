import { describeError } from "../../lib/log.ts";
import type { Change } from "../ports/changes.ts";
import type { Deps } from "../deps.ts";
import { recordEvent } from "./transitions.ts";
import type { GenerationRow } from "../rows.ts";
import type { Transitioned } from "./transitions.ts";

/** What a change looks like to those who wait: equal tags, nothing new. */
export const changeTag = (row: Pick<GenerationRow, "id" | "version">): string => `${row.id}-${row.version}`;

/** Tells every listener, in order, after the change is in D1. One that fails delays and harms nobody else. */
export async function publish(deps: Deps, change: Change): Promise<void> {
  for (const listener of deps.listeners) {
    try {
      // In order: what is cached must be gone before anybody hears of the change and asks again.
      // oxlint-disable-next-line no-await-in-loop
      await listener.onChange(change);
    } catch (error) {
      const { artworkId, generationNumber } = change;
      const context = { listener: listener.name, artworkId, generationNumber };
      deps.log.error("listener.failed", { ...context, ...describeError(error) });
    }
  }
}

/** Announces a generation's change, with the receivers for which it recorded a delivery. */
export const publishGeneration = (deps: Deps, row: GenerationRow & Partial<Transitioned>): Promise<void> =>
  publish(deps, {
    artworkId: row.artworkId,
    owner: row.owner,
    generationNumber: row.number,
    generation: row,
    receivers: row.receivers ?? [],
  });

/** Notes an event on the timeline (see `note`) and announces it. */
export async function recordAndPublish(...[deps, row, event]: Parameters<typeof recordEvent>): Promise<void> {
  const noted = await recordEvent(deps, row, event);
  if (noted !== null) await publishGeneration(deps, noted);
}
