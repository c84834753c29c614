/** The events of everything that an owner has, as they happen, from where a watcher left off. */
import { feedAfter } from "../events/feed.ts";
import type { FeedPage } from "../events/feed.ts";
import type { FeedRow } from "../rows.ts";
import { LONGEST_WATCH } from "./follow-artwork.ts";
import type { Deps } from "../deps.ts";
import { PAGE_SIZE, readPage, viewArtworksOf } from "../artworks/views.ts";
import type { ArtworkView, Page } from "../artworks/views.ts";
import { rechecks } from "./wait.ts";

/** Events per read; a watcher further behind reads again. */
const EVENTS_AT_ONCE = 50;

/** A notice for a watcher. `id` is a position of the feed. */
export type OwnerNotice =
  | { readonly id: number; readonly type: "artworks.snapshot"; readonly page: Page }
  /** `view`: the artwork as it is when the notice is sent; null when it is deleted. */
  | {
      readonly id: number;
      readonly type: string;
      readonly artworkId: string;
      readonly view: ArtworkView | null;
    };

export interface FeedWatch {
  readonly owner: string;
  /** Position of the last event that the watcher has; null when it has none and wants a snapshot. */
  readonly after: number | null;
}

/** Whether events may be missing between what the watcher has and what is kept, or its position is none of ours. */
const isLost = (after: number, { oldest, newest }: FeedPage): boolean =>
  after > (newest ?? 0) || after + 1 < (oldest ?? 0);

/**
 * Yields an owner's events after the last one that the watcher has, each once and in order of the writes. One that has
 * none, or that was away for longer than the feed is kept, gets the newest artworks first. Ends when the watcher leaves
 * (`gone`), and after an hour.
 */
export async function* followFeed(
  deps: Deps,
  watch: FeedWatch,
  gone: AbortSignal,
): AsyncGenerator<OwnerNotice> {
  const { owner } = watch;
  const until = deps.now() + LONGEST_WATCH;
  let after = watch.after;
  for await (const _ of rechecks(deps, () => deps.feeds.listen(owner), { until, gone })) {
    for (let isBehind = true; isBehind;) {
      // oxlint-disable-next-line no-await-in-loop -- what is read next depends on what was sent
      const updates = await feedAfter(deps, { owner, after: after ?? 0, limit: EVENTS_AT_ONCE });
      if (after === null || isLost(after, updates)) {
        after = updates.newest ?? 0;
        // Read after the position: a change in between is in the snapshot and is sent once more.
        // oxlint-disable-next-line no-await-in-loop
        const page = await readPage(deps, owner, { limit: PAGE_SIZE });
        yield { id: after, type: "artworks.snapshot", page };
      } else {
        // oxlint-disable-next-line no-await-in-loop
        yield* await notices(deps, owner, updates.rows);
        after = updates.rows.at(-1)?.position ?? after;
        isBehind = updates.rows.length === EVENTS_AT_ONCE;
      }
    }
  }
}

async function notices(deps: Deps, owner: string, rows: readonly FeedRow[]): Promise<OwnerNotice[]> {
  const ids = [...new Set(rows.map(({ artworkId }) => artworkId))];
  const views = ids.length === 0 ? new Map<string, ArtworkView>() : await viewArtworksOf(deps, owner, ids);
  return rows.map(({ position: id, type, artworkId }) => ({
    id,
    type,
    artworkId,
    view: views.get(artworkId) ?? null,
  }));
}
