/** Earlier requests that equal a new one. */
import { and, desc, eq, gt, isNull, ne, or } from "drizzle-orm";
import { artworks, generations } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ArtworkWithGeneration } from "../rows.ts";

type Reads = Pick<Deps, "db">;

const latestGeneration = and(
  eq(generations.artworkId, artworks.id),
  eq(generations.number, artworks.latestNumber),
);

/**
 * Finds the newest artwork of this owner whose latest generation comes from an equal request and still runs, or ended
 * after `endedAfter`. Null for none.
 */
export const findDuplicate = async (
  deps: Reads,
  query: DuplicateQuery,
): Promise<ArtworkWithGeneration | null> =>
  (await duplicates(deps, query).orderBy(desc(generations.createdAt)).limit(1))[0] ?? null;

export interface DuplicateQuery {
  readonly owner: string;
  readonly fingerprint: string;
  readonly endedAfter: number;
  /** Id of a generation to leave out. */
  readonly except?: string;
}

/** The candidates of `findDuplicate`. */
export const duplicates = ({ db }: Reads, query: DuplicateQuery) =>
  db
    .select({ artwork: artworks, generation: generations })
    .from(generations)
    .innerJoin(artworks, and(latestGeneration, isNull(artworks.deletedAt)))
    .where(
      and(
        eq(generations.fingerprint, query.fingerprint),
        or(isNull(generations.completedAt), gt(generations.completedAt, query.endedAfter)),
        eq(generations.owner, query.owner),
        query.except === undefined ? undefined : ne(generations.id, query.except),
      ),
    );
