import { and, asc, desc, eq, isNotNull, isNull, lte, sql } from "drizzle-orm";
import { artworks, generations, outputs } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ArtworkWithGeneration, GenerationRow, OutputRow } from "../rows.ts";

type Reads = Pick<Deps, "db">;

/** Every generation of an artwork, newest first. */
export const generationsOf = ({ db }: Reads, artworkId: string): Promise<GenerationRow[]> =>
  db.select().from(generations).where(eq(generations.artworkId, artworkId)).orderBy(desc(generations.number));

/** The outputs of these generations, in order. D1 takes 100 parameters a query; so do we. */
export const outputsOf = ({ db }: Reads, generationIds: readonly string[]): Promise<OutputRow[]> =>
  db
    .select()
    .from(outputs)
    .where(sql`${outputs.generationId} in (select value from json_each(${JSON.stringify(generationIds)}))`)
    .orderBy(asc(outputs.generationId), asc(outputs.position));

/** A generation by id, whoever owns it, unless its artwork is deleted. For callbacks, which carry a token. */
export async function generationForCallback(
  { db }: Reads,
  generationId: string,
): Promise<GenerationRow | null> {
  const query = db
    .select({ generation: generations })
    .from(generations)
    .innerJoin(artworks, eq(artworks.id, generations.artworkId))
    .where(and(eq(generations.id, generationId), isNull(artworks.deletedAt)));
  return (await query)[0]?.generation ?? null;
}

/** A generation and its artwork, whoever owns them, deleted or not; null when they are there no more. */
export async function artworkOfGeneration(
  { db }: Reads,
  generationId: string,
): Promise<ArtworkWithGeneration | null> {
  const query = db
    .select({ artwork: artworks, generation: generations })
    .from(generations)
    .innerJoin(artworks, eq(artworks.id, generations.artworkId))
    .where(eq(generations.id, generationId));
  return (await query)[0] ?? null;
}

/** A generation as it is now, or null. */
export async function findGeneration({ db }: Reads, generationId: string): Promise<GenerationRow | null> {
  return (await db.select().from(generations).where(eq(generations.id, generationId)))[0] ?? null;
}

/** The generations of an artwork with a due time, and whether the artwork is to be removed. */
export function openGenerations({ db }: Reads, artworkId: string) {
  return db
    .select({ generation: generations, deletedAt: artworks.deletedAt })
    .from(generations)
    .innerJoin(artworks, eq(artworks.id, generations.artworkId))
    .where(and(eq(generations.artworkId, artworkId), isNotNull(generations.dueAt)))
    .orderBy(asc(generations.number));
}

/** Artworks that were due before `before`, longest first. */
export async function overdueArtworks({ db }: Reads, before: number, limit: number): Promise<string[]> {
  const rows = await db
    .select({ artworkId: generations.artworkId })
    .from(generations)
    .where(and(isNotNull(generations.dueAt), lte(generations.dueAt, before)))
    .orderBy(asc(generations.dueAt))
    .limit(limit);
  return [...new Set(rows.map((row) => row.artworkId))];
}

/** The key of an output by the output's id, or null. */
export async function outputKey({ db }: Reads, outputId: string): Promise<string | null> {
  const query = db.select({ key: outputs.key }).from(outputs).where(eq(outputs.id, outputId));
  return (await query)[0]?.key ?? null;
}
