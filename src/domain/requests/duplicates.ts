/** Earlier requests that equal one which has come now. */
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
 * The artwork whose newest generation came of an equal request of this owner and runs, or has ended after
 * `endedAfter`. The newest of them, or null.
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
  /** A generation that does not count. */
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
