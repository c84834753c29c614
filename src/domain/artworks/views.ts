/** Rows brought together for readers, with what may be cached of them. */
import { DAY, SECOND } from "../../lib/time.ts";
import type { Change, Listener } from "../ports/changes.ts";
import type { Deps } from "../deps.ts";
import { artworkPage, artworksOf, findArtwork, shownGenerations } from "./queries.ts";
import { generationsOf, outputsOf } from "../generations/queries.ts";
import type { ArtworkWithGeneration, ArtworkRow, GenerationRow, OutputRow } from "../rows.ts";
import type { ListFilter, ShownGeneration } from "./queries.ts";
import { isTerminal } from "../status.ts";

export interface GenerationView {
  readonly generation: GenerationRow;
  readonly outputs: readonly OutputRow[];
}

export interface ArtworkView extends GenerationView {
  readonly artwork: ArtworkRow;
  /** Outputs of the newest completed generation. */
  readonly shown: readonly OutputRow[];
  /** Of that generation. */
  readonly expiry: Expiry;
}

/** Until when what a generation made is kept, and since when it is gone; epoch milliseconds. */
export type Expiry = Pick<GenerationRow, "expiresAt" | "expiredAt">;
const KEPT: Expiry = { expiresAt: null, expiredAt: null };

export interface Page {
  readonly items: readonly ArtworkView[];
  readonly hasMore: boolean;
}

/** Page size when the caller names none: the one first page that is cached. */
export const PAGE_SIZE = 20;
/** The least that KV takes. It bounds how late the gallery may be where an invalidation is slow to arrive. */
const GALLERY_SECONDS = 60;
const ENDED_SECONDS = (7 * DAY) / SECOND;

const endedKey = (artworkId: string, number: number): string => `generation:${artworkId}:${number}`;
const galleryKey = (owner: string): string => `gallery:${owner}`;

interface CachedOutputs {
  readonly version: number;
  readonly outputs: readonly OutputRow[];
}

/**
 * A generation with its outputs. One still running has none to read. Those of an ended one come from KV, under
 * its number and checked against its version, so that neither a regenerate nor a late success reads an old entry.
 */
export async function viewGeneration(deps: Deps, generation: GenerationRow): Promise<GenerationView> {
  if (!isTerminal(generation.status)) return { generation, outputs: [] };
  const key = endedKey(generation.artworkId, generation.number);
  const cached = await deps.cache.get<CachedOutputs>(key);
  if (cached?.version === generation.version) return { generation, outputs: cached.outputs };
  const outputs = await outputsOf(deps, [generation.id]);
  await deps.cache.put(key, { version: generation.version, outputs } satisfies CachedOutputs, ENDED_SECONDS);
  return { generation, outputs };
}

async function viewArtworks(deps: Deps, rows: readonly ArtworkWithGeneration[]): Promise<ArtworkView[]> {
  const older = rows.filter(
    ({ artwork, generation }) => ![null, generation.number].includes(artwork.shownNumber),
  );
  const shownOlder =
    older.length === 0
      ? new Map<string, ShownGeneration>()
      : await shownGenerations(
          deps,
          older.map((row) => row.artwork),
        );
  const ended = rows.filter(({ generation }) => isTerminal(generation.status));
  const ids = [...shownOlder.values(), ...ended.map(({ generation }) => generation)].map(({ id }) => id);
  const outputs = ids.length === 0 ? [] : await outputsOf(deps, ids);
  const of = (id: string | undefined) => outputs.filter((output) => output.generationId === id);
  return rows.map(({ artwork, generation }) => {
    const shown = artwork.shownNumber === generation.number ? generation : shownOlder.get(artwork.id);
    const { expiresAt, expiredAt } = shown ?? KEPT;
    return {
      artwork,
      generation,
      outputs: of(generation.id),
      shown: of(shown?.id),
      expiry: { expiresAt, expiredAt },
    };
  });
}

/** One artwork of this owner as its readers see it, or null. */
export async function viewArtwork(deps: Deps, owner: string, artworkId: string): Promise<ArtworkView | null> {
  const found = await findArtwork(deps, owner, artworkId);
  return found === null ? null : await completeView(deps, found);
}

/** Adds the outputs to an artwork that was just read or written, with any one of its generations. */
export async function completeView(deps: Deps, row: ArtworkWithGeneration): Promise<ArtworkView> {
  const [view] = await viewArtworks(deps, [row]);
  return view ?? { ...row, outputs: [], shown: [], expiry: KEPT };
}

/** The same for one that was read with its newest generation's outputs: asks only for what it shows of an older one. */
export async function viewWith(
  deps: Deps,
  { made, ...row }: ArtworkWithGeneration & { readonly made: readonly OutputRow[] },
): Promise<ArtworkView> {
  const { shownNumber, latestNumber } = row.artwork;
  if (shownNumber !== null && shownNumber !== latestNumber) return await completeView(deps, row);
  const outputs = isTerminal(row.generation.status) ? made : [];
  if (shownNumber === null) return { ...row, outputs, shown: [], expiry: KEPT };
  const { expiresAt, expiredAt } = row.generation;
  return { ...row, outputs, shown: outputs, expiry: { expiresAt, expiredAt } };
}

/** A page of an owner's artworks, newest first. The plain first page is cached. */
export async function viewPage(deps: Deps, owner: string, filter: ListFilter): Promise<Page> {
  const isPlain = filter.after === undefined && filter.status === undefined && filter.model === undefined;
  if (!isPlain || filter.limit !== PAGE_SIZE) return await readPage(deps, owner, filter);
  const cached = await deps.cache.get<Page>(galleryKey(owner));
  if (cached !== null) return cached;
  const page = await readPage(deps, owner, filter);
  await deps.cache.put(galleryKey(owner), page, GALLERY_SECONDS);
  return page;
}

/** A page as it is in D1 at this moment. */
export async function readPage(deps: Deps, owner: string, filter: ListFilter): Promise<Page> {
  const rows = await artworkPage(deps, owner, filter);
  const items = await viewArtworks(deps, rows.slice(0, filter.limit));
  return { items, hasMore: rows.length > filter.limit };
}

/** Those of these artworks that this owner has, by id. */
export async function viewArtworksOf(
  deps: Deps,
  owner: string,
  ids: readonly string[],
): Promise<Map<string, ArtworkView>> {
  const views = await viewArtworks(deps, await artworksOf(deps, owner, ids));
  return new Map(views.map((view) => [view.artwork.id, view]));
}

/** Every generation of an artwork with its outputs, newest first. */
export async function viewGenerations(deps: Deps, artworkId: string): Promise<GenerationView[]> {
  const rows = await generationsOf(deps, artworkId);
  const outputs = await outputsOf(
    deps,
    rows.map((row) => row.id),
  );
  return rows.map((generation) => ({
    generation,
    outputs: outputs.filter((output) => output.generationId === generation.id),
  }));
}

/** Takes out of the cache what a change has made old. */
export const invalidateViews = (cache: Deps["cache"]): Listener => ({
  name: "views",
  onChange: async (change: Change) => {
    await Promise.all([
      cache.remove(galleryKey(change.owner)),
      cache.remove(endedKey(change.artworkId, change.generationNumber)),
    ]);
  },
});
