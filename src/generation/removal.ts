/** The rows of an artwork that its owner deletes. */
import { eq, sql } from "drizzle-orm";
import { artworks, callbacks, events, generations, outputs } from "../db/schema.ts";
import type { Deps } from "./ports.ts";

/** Hides an artwork and makes it due for removal. The caller has ended what was running. */
export async function hideArtwork(deps: Deps, artworkId: string): Promise<void> {
  const now = deps.now();
  await deps.db.batch([
    deps.db.update(artworks).set({ deletedAt: now, updatedAt: now }).where(eq(artworks.id, artworkId)),
    // Like a callback: a step that is under way must not overwrite that there is something left to do.
    deps.db
      .update(generations)
      .set({ dueAt: now, callbackAt: sql`max(coalesce(callback_at, 0) + 1, ${now})` })
      .where(eq(generations.artworkId, artworkId)),
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
