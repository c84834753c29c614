/** The rows of an artwork that its owner deletes. */
import { eq, sql } from "drizzle-orm";
import { artworks, callbacks, events, generations, outputs } from "../../db/schema.ts";
import { feedStatement } from "../events/feed.ts";
import type { Deps } from "../deps.ts";
import { markDue } from "../generations/callbacks.ts";
import type { ArtworkRow, GenerationRow } from "../rows.ts";

/**
 * Hides an artwork and makes it due for removal. The caller has ended what was running. It marks the rows due like a callback: a
 * step that is under way must not write over it that nothing is due.
 */
export async function hideArtwork(deps: Deps, { id, owner }: ArtworkRow): Promise<void> {
  const now = deps.now();
  const isShown = sql`exists (select 1 from ${artworks} where id = ${id} and deleted_at is null)`;
  await deps.db.batch([
    feedStatement(deps, { owner, artworkId: id, type: "artwork.deleted" }, isShown),
    deps.db.update(artworks).set({ deletedAt: now, updatedAt: now }).where(eq(artworks.id, id)),
    deps.db.update(generations).set(markDue(now)).where(eq(generations.artworkId, id)),
  ]);
}

/** Removes every row of an artwork. */
export async function removeArtwork(deps: Deps, artworkId: string): Promise<void> {
  const ids = sql`(select id from ${generations} where artwork_id = ${artworkId})`;
  await deps.db.batch([
    deps.db.delete(outputs).where(sql`generation_id in ${ids}`),
    deps.db.delete(callbacks).where(sql`generation_id in ${ids}`),
    deps.db.delete(events).where(eq(events.artworkId, artworkId)),
    deps.db.delete(generations).where(eq(generations.artworkId, artworkId)),
    deps.db.delete(artworks).where(eq(artworks.id, artworkId)),
  ]);
}

/** Forgets what a generation made. */
export async function removeOutputs(deps: Deps, row: GenerationRow): Promise<void> {
  await deps.db.delete(outputs).where(eq(outputs.generationId, row.id));
}
