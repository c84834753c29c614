import { and, asc, desc, eq, gt, isNull, lt, max, sql } from "drizzle-orm";
import { artworks, events, generations, outputs } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ArtworkWithGeneration, ArtworkRow, EventRow, GenerationRow, OutputRow } from "../rows.ts";

type Reads = Pick<Deps, "db">;

const visible = (owner: string, artworkId: string) =>
  and(eq(artworks.id, artworkId), eq(artworks.owner, owner), isNull(artworks.deletedAt));

const latestGeneration = and(
  eq(generations.artworkId, artworks.id),
  eq(generations.number, artworks.latestNumber),
);

/** The newest generation of an artwork that this owner may see; one read. */
export async function newestGeneration(
  { db }: Reads,
  owner: string,
  artworkId: string,
): Promise<GenerationRow | null> {
  const query = db
    .select({ generation: generations })
    .from(artworks)
    .innerJoin(generations, latestGeneration)
    .where(visible(owner, artworkId));
  return (await query)[0]?.generation ?? null;
}

/** An artwork and its newest generation, or null when this owner has none of that id. */
export async function findArtwork(
  { db }: Reads,
  owner: string,
  artworkId: string,
): Promise<ArtworkWithGeneration | null> {
  const query = db
    .select({ artwork: artworks, generation: generations })
    .from(artworks)
    .innerJoin(generations, latestGeneration)
    .where(visible(owner, artworkId));
  return (await query)[0] ?? null;
}

/** Any one generation with its artwork, or null when this owner has none of that id. */
export async function findWithArtwork(
  { db }: Reads,
  owner: string,
  generationId: string,
): Promise<ArtworkWithGeneration | null> {
  const query = db
    .select({ artwork: artworks, generation: generations })
    .from(generations)
    .innerJoin(artworks, eq(artworks.id, generations.artworkId))
    .where(and(eq(generations.id, generationId), eq(artworks.owner, owner), isNull(artworks.deletedAt)));
  return (await query)[0] ?? null;
}

export interface ListFilter {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly status?: ArtworkRow["status"] | undefined;
  readonly model?: string | undefined;
}

/** A page of an owner's artworks, newest first; asks for one more than `limit` to know whether more follow. */
export function artworkPage({ db }: Reads, owner: string, filter: ListFilter) {
  return db
    .select({ artwork: artworks, generation: generations })
    .from(artworks)
    .innerJoin(generations, latestGeneration)
    .where(
      and(
        eq(artworks.owner, owner),
        isNull(artworks.deletedAt),
        filter.status === undefined ? undefined : eq(artworks.status, filter.status),
        filter.model === undefined ? undefined : eq(artworks.model, filter.model),
        filter.after === undefined ? undefined : lt(artworks.id, filter.after),
      ),
    )
    .orderBy(desc(artworks.id))
    .limit(filter.limit + 1);
}

/** Those of these artworks that this owner has, each with its newest generation. */
export const artworksOf = (
  { db }: Reads,
  owner: string,
  ids: readonly string[],
): Promise<ArtworkWithGeneration[]> =>
  db
    .select({ artwork: artworks, generation: generations })
    .from(artworks)
    .innerJoin(generations, latestGeneration)
    .where(
      and(
        sql`${artworks.id} in (select value from json_each(${JSON.stringify(ids)}))`,
        eq(artworks.owner, owner),
        isNull(artworks.deletedAt),
      ),
    );

/** The columns of a shown generation that is not an artwork's newest. */
export type ShownGeneration = Pick<GenerationRow, "id" | "artworkId" | "expiresAt" | "expiredAt">;

/** The generations that these artworks show, by artwork id. */
export async function shownGenerations(
  { db }: Reads,
  shown: readonly ArtworkRow[],
): Promise<Map<string, ShownGeneration>> {
  const pairs = JSON.stringify(shown.map((artwork) => [artwork.id, artwork.shownNumber]));
  const { id, artworkId, expiresAt, expiredAt } = generations;
  const rows = await db
    .select({ id, artworkId, expiresAt, expiredAt })
    .from(sql`json_each(${pairs}) as pair`)
    .innerJoin(
      generations,
      sql`${generations.artworkId} = pair.value ->> 0 and ${generations.number} = pair.value ->> 1`,
    );
  return new Map(rows.map((row) => [row.artworkId, row]));
}

/** The artwork's events after a sequence, oldest first; one more than `limit` to know whether more follow. */
export const eventsAfter = ({ db }: Reads, artworkId: string, page: { after: number; limit: number }) =>
  db
    .select()
    .from(events)
    .where(and(eq(events.artworkId, artworkId), gt(events.sequence, page.after)))
    .orderBy(asc(events.sequence))
    .limit(page.limit + 1);

export interface ArtworkUpdates {
  /** Null when this owner has no such artwork. `made`: what its newest generation made so far. */
  readonly found: (ArtworkWithGeneration & { readonly made: readonly OutputRow[] }) | null;
  /** Those after the sequence that was asked for, oldest first. */
  readonly events: readonly EventRow[];
  /** Sequence of the newest event of all. */
  readonly newest: number;
}

/** Events per read; a watcher further behind reads again. */
const EVENTS_AT_ONCE = 100;

/** The events of an artwork after a sequence, and the artwork at the same moment: one batch. */
export async function updatesAfter(
  deps: Reads,
  { owner, artworkId, after }: { owner: string; artworkId: string; after: number },
): Promise<ArtworkUpdates> {
  const { db } = deps;
  // One table each: what a batch answers has one value for each name of a column.
  const latest = sql`(select latest_number from ${artworks} where id = ${artworkId})`;
  const newest = sql`(select id from ${generations} where artwork_id = ${artworkId} and number = ${latest})`;
  const [[artwork], [generation], made, fresh, [last]] = await db.batch([
    db.select().from(artworks).where(visible(owner, artworkId)),
    db
      .select()
      .from(generations)
      .where(and(eq(generations.artworkId, artworkId), eq(generations.number, latest))),
    db.select().from(outputs).where(eq(outputs.generationId, newest)).orderBy(asc(outputs.position)),
    eventsAfter(deps, artworkId, { after, limit: EVENTS_AT_ONCE }),
    db
      .select({ sequence: max(events.sequence) })
      .from(events)
      .where(eq(events.artworkId, artworkId)),
  ]);
  const found = artwork === undefined || generation === undefined ? null : { artwork, generation, made };
  return { found, events: fresh, newest: last?.sequence ?? 0 };
}
