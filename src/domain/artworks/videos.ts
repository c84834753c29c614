/** Artworks that are videos. */
import { and, asc, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { artworks, generations } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import { findArtwork } from "./queries.ts";
import type { ArtworkWithGeneration, GenerationRow } from "../rows.ts";
import type { Refusal } from "../refusal.ts";

export const videoNotFound: Refusal = { refused: "not_found", message: "Video not found." };

/** A video of this owner with its newest generation, or null. */
export async function findVideo(
  deps: Pick<Deps, "db">,
  owner: string,
  artworkId: string,
): Promise<ArtworkWithGeneration | null> {
  const found = await findArtwork(deps, owner, artworkId);
  return found?.generation.kind === "video" ? found : null;
}

export interface VideoFilter {
  readonly limit: number;
  /** Id of the last video of the page before. */
  readonly after?: string | undefined;
  readonly order: "asc" | "desc";
}

/** A page of an owner's videos by time; one more than `limit`, so that the caller knows whether more follow. */
export function videoPage({ db }: Pick<Deps, "db">, owner: string, { limit, after, order }: VideoFilter) {
  const [inOrder, beyond] = order === "asc" ? [asc, gt] : [desc, lt];
  return db
    .select({ artwork: artworks, generation: generations })
    .from(generations)
    .innerJoin(
      artworks,
      and(eq(artworks.id, generations.artworkId), eq(artworks.latestNumber, generations.number)),
    )
    .where(
      and(
        eq(generations.owner, owner),
        // A literal, because the index covers videos only and SQLite does not use it for a parameter.
        sql`${generations.kind} = 'video'`,
        isNull(artworks.deletedAt),
        after === undefined ? undefined : beyond(generations.artworkId, after),
      ),
    )
    .orderBy(inOrder(generations.artworkId))
    .limit(limit + 1);
}

/** Why a video has no bytes (yet); null when it has. */
export function notCompleted({ status, errorMessage }: GenerationRow): Refusal | null {
  switch (status) {
    case "completed":
      return null;
    case "failed":
    case "canceled": {
      const why = errorMessage ?? "It was canceled.";
      return { refused: "video_not_completed", message: `This video was never made. ${why}` };
    }
    case "queued":
    case "submitting":
    case "processing":
    case "storing":
      return {
        refused: "video_not_completed",
        message: "This video is not completed yet. Ask for its status until it is.",
      };
  }
}
