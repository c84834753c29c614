/** The only SQL on uploads. */
import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { uploads } from "../../db/schema.ts";
import { DAY } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";
import type { UploadRow } from "../rows.ts";

/**
 * How long after its last use an upload is kept. Every request that names one uses it, and a generation has ended
 * within hours of its request: what was not used for so long belongs to none that is under way.
 */
export const KEPT_UNUSED = 7 * DAY;

/** D1 takes 100 parameters a query; a list is one of them. */
const oneOf = (ids: readonly string[]): SQL =>
  sql`${uploads.id} in (select value from json_each(${JSON.stringify(ids)}))`;

const ownedBy = (owner: string, id: string) => and(eq(uploads.id, id), eq(uploads.owner, owner));

export async function insertUpload({ db }: Pick<Deps, "db">, row: UploadRow): Promise<void> {
  await db.insert(uploads).values(row);
}

/** An upload of this owner that has not expired, or null. */
export async function findUpload(
  { db, now }: Pick<Deps, "db" | "now">,
  owner: string,
  id: string,
): Promise<UploadRow | null> {
  const isKept = gt(uploads.lastUsedAt, now() - KEPT_UNUSED);
  return (
    (
      await db
        .select()
        .from(uploads)
        .where(and(ownedBy(owner, id), isKept))
    )[0] ?? null
  );
}

/** These uploads, whoever owns them; those that are gone are missing. */
export const uploadsOf = ({ db }: Pick<Deps, "db">, ids: readonly string[]): Promise<UploadRow[]> =>
  db.select().from(uploads).where(oneOf(ids));

/** Marks these uploads as used now and answers them. Those of others and expired ones are neither. */
export const useUploads = (
  { db, now }: Pick<Deps, "db" | "now">,
  owner: string,
  ids: readonly string[],
): Promise<UploadRow[]> =>
  db
    .update(uploads)
    .set({ lastUsedAt: now() })
    .where(and(oneOf(ids), eq(uploads.owner, owner), gt(uploads.lastUsedAt, now() - KEPT_UNUSED)))
    .returning();

/** Remembers a link and until when it is to be trusted. */
export async function rememberLink(
  { db }: Pick<Deps, "db">,
  id: string,
  link: { readonly hostedUrl: string; readonly hostedUntil: number },
): Promise<void> {
  await db.update(uploads).set(link).where(eq(uploads.id, id));
}

export async function removeUpload({ db }: Pick<Deps, "db">, owner: string, id: string): Promise<void> {
  await db.delete(uploads).where(ownedBy(owner, id));
}

/** Uploads unused for `KEPT_UNUSED`, the longest first. */
export const unusedUploads = ({ db, now }: Pick<Deps, "db" | "now">, limit: number) =>
  db
    .select({ id: uploads.id, key: uploads.key })
    .from(uploads)
    .where(lte(uploads.lastUsedAt, now() - KEPT_UNUSED))
    .orderBy(asc(uploads.lastUsedAt))
    .limit(limit);

export async function removeUploads({ db }: Pick<Deps, "db">, ids: readonly string[]): Promise<void> {
  await db.delete(uploads).where(oneOf(ids));
}
