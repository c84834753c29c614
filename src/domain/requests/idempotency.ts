/**
 * Requests that spend, each accepted once. A key's row is written in the same batch as what the request makes,
 * so of any number of equal requests at a time one wins and the batches of the others fail as a whole. The row
 * carries the answer that they, and every repetition for a day, get. Nothing is read before the batch.
 *
 * Without a key, a marked retry reads whether what it repeats is on record. Where it is not, the first request may
 * still be on its way to its batch: so the retry leaves a mark in its own batch, under a name made of its fingerprint,
 * and every batch that comes to be written fails when its request arrived before such a mark was made. The retry's
 * batch looks once more for what it repeats, which may have been written since it looked.
 */
import { and, eq, exists, gt, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { idempotencyKeys } from "../../db/schema.ts";
import { canonicalJson } from "../../lib/canonical.ts";
import { sha256Hex } from "../../lib/crypto.ts";
import { HOUR, MINUTE, SECOND } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";
import { findDuplicate, duplicates } from "./duplicates.ts";
import type { ArtworkWithGeneration } from "../rows.ts";
import type { DuplicateQuery } from "./duplicates.ts";
import { isRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";

/** How long a key is remembered: longer than any client's retries. */
const REMEMBERED_FOR = 24 * HOUR;
/** What reading and writing the answer may take after the time for which a client asked to be held. */
const PENDING_MARGIN = 10 * SECOND;
/**
 * How long after its end a job is still what a marked retry asks for. The clients that mark retries make three tries
 * by default, each of ours is held for 290 seconds at most, and their own patience with one try is ten minutes.
 */
const REPEATABLE_FOR = 15 * MINUTE;

/** Two machines' clocks may differ by so much, and what came first is still known. */
const CLOCK_TOLERANCE = 2 * SECOND;

/** Begins the names of marks, which no caller's key can: keys are ASCII. */
const RETRIED = "↻ ";

/** An answer as it went out; the domain keeps it and does not look inside. */
export interface StoredAnswer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** What is known of a request's repetition. */
export interface Repetition {
  /** The caller's own name for this request; null when it gave none. */
  readonly key: string | null;
  /** The client says that it repeats a request whose answer it did not get. */
  readonly isClientRetry: boolean;
  /** When the request came, before its body was read. */
  readonly arrivedAt: number;
}

/** What to do about it. */
export interface IdempotencyOptions extends Repetition {
  /** What is asked for, of the caller's whole API: a key counts within it. */
  readonly route: string;
  /** What else tells one request from another, beside caller, route and what it asks to be made. */
  readonly beside?: unknown;
  /** Milliseconds for which the answer is held back; 0 when it is given at once. */
  readonly waitMs: number;
  /** What is answered at once; called before anything is written. */
  readonly answer: (made: ArtworkWithGeneration) => Promise<StoredAnswer>;
}

/** `Once`, by whom, and for which body. */
export interface IdempotentRequest extends IdempotencyOptions {
  readonly owner: string;
  /** SHA-256 of caller, route, canonical body and what is beside it: equal for equal requests. */
  readonly fingerprint: string;
  /** The same with uploads by their names, which are known still when the uploads are not. */
  readonly fingerprintByName: string;
}

/** An equal request was recorded before: its artwork, or the answer that it got. */
export type PriorResult =
  | (ArtworkWithGeneration & { readonly isJoined: true })
  | { readonly replay: StoredAnswer };

/**
 * Makes a claim, or null where nobody says anything about repetition. `body` is the request after validation, with
 * every default in place; `bodyByName` names uploads where `body` says what they hold.
 */
export async function idempotentRequestOf(
  idempotency: IdempotencyOptions | undefined,
  owner: string,
  body: unknown,
  bodyByName: unknown = body,
): Promise<IdempotentRequest | null> {
  if (idempotency === undefined) return null;
  const fingerprintOf = (form: unknown): Promise<string> =>
    sha256Hex(canonicalJson([owner, idempotency.route, form, idempotency.beside ?? null]));
  const fingerprint = await fingerprintOf(body);
  const fingerprintByName = body === bodyByName ? fingerprint : await fingerprintOf(bodyByName);
  return { ...idempotency, owner, fingerprint, fingerprintByName };
}

/** Either makes a request the same: its pictures uploaded anew, or the same ones named, be they gone since. */
const fingerprintsOf = ({ fingerprint, fingerprintByName }: IdempotentRequest): string[] => [
  ...new Set([fingerprint, fingerprintByName]),
];

/**
 * Runs `attempt`, which records the request with `rememberStatements` in its batch, unless an equal one has been
 * accepted before. A batch that failed and an attempt that was refused both ask the key's row: the first
 * request may be why.
 */
export async function recordOnce<Made extends object>(
  deps: Deps,
  idempotent: IdempotentRequest | null,
  attempt: () => Promise<Made | Refusal>,
): Promise<Made | Refusal | PriorResult> {
  if (idempotent === null) return await attempt();
  const duplicate = await joinDuplicate(deps, idempotent);
  if (duplicate !== null) return duplicate;
  try {
    const made = await attempt();
    if (!isRefusal(made) || idempotent.key === null) return made;
    return (await priorAnswer(deps, idempotent)) ?? made;
  } catch (error) {
    const prior = (await priorAnswer(deps, idempotent)) ?? (await joinDuplicate(deps, idempotent));
    if (prior === null) throw error;
    return prior;
  }
}

/**
 * A client that never names its requests still marks its retries: one of them joins what it repeats, which runs, or
 * has ended while the client had no answer.
 */
async function joinDuplicate(deps: Deps, idempotent: IdempotentRequest): Promise<PriorResult | null> {
  if (idempotent.key !== null || !idempotent.isClientRetry) return null;
  const duplicate = await findDuplicate(deps, duplicateQueryOf(idempotent, deps.now()));
  return duplicate === null ? null : { ...duplicate, isJoined: true };
}

const duplicateQueryOf = ({ owner, fingerprint }: IdempotentRequest, now: number): DuplicateQuery => ({
  owner,
  fingerprint,
  endedAfter: now - REPEATABLE_FOR,
});

type Named = Pick<IdempotentRequest, "owner" | "route" | "key">;

const sameKey = ({ owner, route, key }: Named): SQL | undefined =>
  and(eq(idempotencyKeys.owner, owner), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key ?? ""));

/** The name under which a claim is remembered, and until when a row of that name has to last to count for it. */
function slotOf(
  deps: Deps,
  idempotent: IdempotentRequest,
): { readonly name: Named; readonly lastsBeyond: number } {
  const { owner, route, key, fingerprint, arrivedAt } = idempotent;
  return key === null
    ? {
        name: { owner, route, key: `${RETRIED}${fingerprint}` },
        lastsBeyond: arrivedAt - CLOCK_TOLERANCE + REMEMBERED_FOR,
      }
    : { name: { owner, route, key }, lastsBeyond: deps.now() };
}

async function priorAnswer(deps: Deps, idempotent: IdempotentRequest): Promise<PriorResult | Refusal | null> {
  const { name, lastsBeyond } = slotOf(deps, idempotent);
  const [row] = await deps.db.select().from(idempotencyKeys).where(sameKey(name));
  if (row === undefined || row.expiresAt <= lastsBeyond) return null;
  const recorded = row.fingerprint.split(" ");
  if (!fingerprintsOf(idempotent).some((one) => recorded.includes(one))) {
    const message = "This key was used for another request: a new request takes a new key.";
    return { refused: "idempotency_key_reused", message };
  }
  if ((row.pendingUntil ?? 0) > deps.now()) {
    const message = "The first request with this key is still being answered.";
    return { refused: "idempotency_in_flight", message };
  }
  return { replay: row };
}

/**
 * The statements that remember an accepted request, for the batch that records it; they write if `won` holds,
 * and fail the batch when the key is taken, or when a keyless request is on record by now.
 */
export async function rememberStatements(
  deps: Deps,
  idempotent: IdempotentRequest | null,
  made: ArtworkWithGeneration,
): Promise<(won: SQL) => BatchItem<"sqlite">[]> {
  if (idempotent === null) return () => [];
  const { name, lastsBeyond } = slotOf(deps, idempotent);
  if (idempotent.key === null && !idempotent.isClientRetry) {
    const isNewer = gt(idempotencyKeys.expiresAt, lastsBeyond);
    return (won) => [failIfNamed(deps, name, and(isNewer, won))];
  }
  const { status, location, body } = await idempotent.answer(made);
  const now = deps.now();
  const pendingUntil =
    idempotent.waitMs === 0 || idempotent.key === null ? null : now + idempotent.waitMs + PENDING_MARGIN;
  const isOver = and(sameKey(name), lte(idempotencyKeys.expiresAt, lastsBeyond));
  const duplicate = duplicates(deps, { ...duplicateQueryOf(idempotent, now), except: made.generation.id });
  // The values stand in the order of the table's columns.
  return (won) => [
    deps.db.delete(idempotencyKeys).where(isOver),
    deps.db.insert(idempotencyKeys).select(sql`
      select ${name.owner}, ${name.route}, ${name.key}, ${fingerprintsOf(idempotent).join(" ")}, ${status}, ${location}, ${body},
        ${pendingUntil}, ${now + REMEMBERED_FOR} where ${won}`),
    ...(idempotent.key === null ? [failIfNamed(deps, name, and(exists(duplicate), won))] : []),
  ];
}

/** Fails its batch where there is a row of this name and the condition holds: no row can be inserted a second time. */
const failIfNamed = ({ db }: Deps, name: Named, condition: SQL | undefined): BatchItem<"sqlite"> =>
  db.insert(idempotencyKeys).select(
    db
      .select()
      .from(idempotencyKeys)
      .where(and(sameKey(name), condition)),
  );

/** Replaces the answer that a repetition gets by the one that was held back, now that it is known. */
export async function storeFinalResponse(deps: Deps, idempotent: Named, answer: StoredAnswer): Promise<void> {
  await deps.db
    .update(idempotencyKeys)
    .set({ ...answer, pendingUntil: null })
    .where(sameKey(idempotent));
}

/** Removes the keys that are over, at most `limit` of them; the rest is over next minute too. */
export async function deleteExpiredKeys({ db, now }: Pick<Deps, "db" | "now">, limit: number): Promise<void> {
  const over = sql`(select rowid from ${idempotencyKeys} where expires_at <= ${now()} limit ${limit})`;
  await db.delete(idempotencyKeys).where(sql`rowid in ${over}`);
}
