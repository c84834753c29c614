/** New rows: an artwork with its first generation, and each next one. */
import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { artworks, events, generations } from "../../db/schema.ts";
import { describeError } from "../../lib/log.ts";
import type { EventType } from "../events/event-types.ts";
import { feedStatement } from "../events/feed.ts";
import type { Deps } from "../deps.ts";
import { findGeneration } from "./queries.ts";
import { appendEvent, receiversOf, written } from "./transitions.ts";
import type { ArtworkRow, EventRow, GenerationRow } from "../rows.ts";
import type { Transitioned } from "./transitions.ts";
import { outboxStatement } from "../events/outbox.ts";

/** An artwork that has nothing to show is a draft as long as a try is under way. */
const statusWhileRunning = sql<
  ArtworkRow["status"]
>`case when ${artworks.shownNumber} is null then 'draft' else ${artworks.status} end`;

export type FirstEvent = Pick<EventRow, "id" | "at" | "data"> & { readonly type: EventType };

/** Records a new artwork, its first generation and the event in one batch. */
export async function insertDraft(
  deps: Deps,
  draft: { readonly artwork: ArtworkRow; readonly generation: GenerationRow; readonly event: FirstEvent },
  also: readonly BatchItem<"sqlite">[],
): Promise<Transitioned> {
  const { artwork, generation, event } = draft;
  const batch = deps.db.batch([
    deps.db.insert(artworks).values(artwork),
    deps.db.insert(generations).values(generation),
    deps.db.insert(events).values({ ...event, artworkId: artwork.id, sequence: 1 }),
    outboxStatement(deps, generation, event.type, sql`true`),
    feedStatement(deps, { ...generation, type: event.type }, sql`true`),
    ...also,
  ]);
  return await batch.then(
    ([, , , recorded]) => ({ ...generation, receivers: receiversOf(recorded) }),
    (error: unknown) => recordedAnyway(deps, generation, error),
  );
}

/**
 * Records the next generation of an artwork. Null when another one took its number first (of two regenerates at
 * the same time one wins, by the unique index on artwork and number), or when the artwork is gone meanwhile.
 */
export async function insertNext(
  deps: Deps,
  generation: GenerationRow,
  next: {
    readonly event: FirstEvent;
    readonly artwork: Partial<Pick<ArtworkRow, "title" | "metadata">>;
    /** Further statements of the batch, each to be guarded by the condition it is given. */
    readonly also: (won: SQL) => BatchItem<"sqlite">[];
  },
): Promise<Transitioned | null> {
  const insert = deps.db.insert(generations).values(generation).onConflictDoNothing().returning();
  const { id, type, data } = next.event;
  const { number: latestNumber, model } = generation;
  const isThere = sql`(select 1 from ${artworks} where id = ${generation.artworkId} and deleted_at is null)`;
  const won = written(generation.id, id);
  const batch = deps.db.batch([
    insert,
    deps.db
      .delete(generations)
      .where(and(eq(generations.id, generation.id), sql`not exists ${isThere}`))
      .returning({ id: generations.id }),
    outboxStatement(deps, generation, type, won),
    ...appendEvent(deps, generation, { id, type, detail: data }),
    deps.db
      .update(artworks)
      .set({ ...next.artwork, latestNumber, model, updatedAt: deps.now(), status: statusWhileRunning })
      .where(and(eq(artworks.id, generation.artworkId), won)),
    ...next.also(won),
  ]);
  return await batch.then(
    ([inserted, undone, recorded]) =>
      inserted.length > 0 && undone.length === 0 ? { ...generation, receivers: receiversOf(recorded) } : null,
    (error: unknown) => recordedAnyway(deps, generation, error),
  );
}

/**
 * A batch may be committed although its answer is lost: then the generation is there and will be paid for, and an error
 * would invite to ask for another one. The sweep finds the receivers.
 */
async function recordedAnyway(deps: Deps, { id }: GenerationRow, error: unknown): Promise<Transitioned> {
  const row = await findGeneration(deps, id).catch(() => null);
  if (row === null) throw error;
  deps.log.warn("record.answer_lost", { generationId: id, ...describeError(error) });
  return { ...row, receivers: [] };
}
