/** The rows of the feed: every event of every artwork, in the order of the writes. */
import { and, asc, eq, gt, lte, max, min, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { feed } from "../../db/schema.ts";
import { DAY } from "../../lib/time.ts";
import type { EventType } from "./event-types.ts";
import type { Deps } from "../deps.ts";
import type { FeedRow } from "../rows.ts";

type Reads = Pick<Deps, "db">;

/** How long events are kept. A watcher that returns later gets a snapshot first. */
const KEPT_FOR = 7 * DAY;

/** Appends an event to its owner's feed, for the batch that writes the event; if `won` holds. */
export const feedStatement = (
  { db, now }: Pick<Deps, "db" | "now">,
  { owner, artworkId, type }: Pick<FeedRow, "owner" | "artworkId"> & { readonly type: EventType },
  won: SQL,
) =>
  // The values stand in the order of the table's columns.
  db.insert(feed).select(sql`select null, ${owner}, ${artworkId}, ${type}, ${now()} where ${won}`);

export interface FeedPage {
  /** Those of this owner after the position that was asked for, oldest first. */
  readonly rows: readonly FeedRow[];
  /** The oldest and the newest position of all owners' that is kept; null where there is none. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** The events of an owner's feed after a position: one batch. */
export async function feedAfter(
  { db }: Reads,
  { owner, after, limit }: { readonly owner: string; readonly after: number; readonly limit: number },
): Promise<FeedPage> {
  const [rows, [oldest], [newest]] = await db.batch([
    db
      .select()
      .from(feed)
      .where(and(eq(feed.owner, owner), gt(feed.position, after)))
      .orderBy(asc(feed.position))
      .limit(limit),
    // Apart, because each is then one step into the table instead of a walk through it.
    db.select({ position: min(feed.position) }).from(feed),
    db.select({ position: max(feed.position) }).from(feed),
  ]);
  return { rows, oldest: oldest?.position ?? null, newest: newest?.position ?? null };
}

/** Removes what is kept no longer, at most `limit` rows, oldest first; reads two rows when the oldest is kept. */
export async function deleteOldEvents({ db, now }: Pick<Deps, "db" | "now">, limit: number): Promise<void> {
  const over = now() - KEPT_FOR;
  const first = sql`(select min(position) from ${feed})`;
  const oldest = sql`(select at from ${feed} where position = ${first})`;
  await db
    .delete(feed)
    .where(and(sql`${oldest} <= ${over}`, sql`position < ${first} + ${limit}`, lte(feed.at, over)));
}
