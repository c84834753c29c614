/** Artworks that are films, and films made after another one. */
import { and, asc, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { artworks, generations } from "../../db/schema.ts";
import type { IdempotencyOptions } from "../requests/idempotency.ts";
import { inherit } from "../requests/inherit.ts";
import type { Deps } from "../deps.ts";
import { findArtwork } from "./queries.ts";
import type { ArtworkWithNewest } from "./queries.ts";
import type { Refusal } from "../refusal.ts";
import { requestDerived } from "../requests/request.ts";
import type { Caller, Derived, Requested } from "../requests/request.ts";
import type { GenerationRow } from "../generations/transitions.ts";

export const videoNotFound: Refusal = { refused: "not_found", message: "There is no video of this id." };

/** A film of this owner with its newest generation, or null. */
export async function findVideo(
  deps: Pick<Deps, "db">,
  owner: string,
  artworkId: string,
): Promise<ArtworkWithNewest | null> {
  const found = await findArtwork(deps, owner, artworkId);
  return found?.generation.kind === "video" ? found : null;
}

export interface VideoFilter {
  readonly limit: number;
  /** Id of the last film of the page before. */
  readonly after?: string | undefined;
  readonly order: "asc" | "desc";
}

/** A page of an owner's films by the time they were made; asks for one more than `limit` to know whether more follow. */
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
        // A literal: the index holds films alone, and a parameter could be anything.
        sql`${generations.kind} = 'video'`,
        isNull(artworks.deletedAt),
        after === undefined ? undefined : beyond(generations.artworkId, after),
      ),
    )
    .orderBy(inOrder(generations.artworkId))
    .limit(limit + 1);
}

/** Why a film has no bytes (yet), for who needs them; null when it has. */
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

interface Remix {
  readonly artworkId: string;
  readonly prompt: string;
  /** What the new artwork is to remember. */
  readonly metadata: (source: ArtworkWithNewest) => Record<string, unknown>;
  readonly origin: string;
  readonly idempotency: IdempotencyOptions;
}

/**
 * Records a new artwork with the settings of a completed film and a prompt of its own. The upstream takes no films: what
 * is made resembles the source as much as its settings do. Compared as it was asked: the source may be another film, or
 * gone, when it is asked again.
 */
export const requestRemix = (deps: Deps, caller: Caller, remix: Remix): Promise<Requested> =>
  requestDerived(deps, caller, {
    compared: { prompt: remix.prompt },
    derive: () => deriveRemix(deps, caller, remix),
    origin: remix.origin,
    idempotency: remix.idempotency,
  });

async function deriveRemix(deps: Deps, caller: Caller, remix: Remix): Promise<Derived | Refusal> {
  const source = await findVideo(deps, caller.owner, remix.artworkId);
  if (source === null) return videoNotFound;
  const refusal = notCompleted(source.generation);
  if (refusal !== null) return refusal;
  const request = inherit(deps, source.generation, { body: { prompt: remix.prompt }, cleared: [] });
  return { body: { ...request, metadata: remix.metadata(source) } };
}
