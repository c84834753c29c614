/**
 * Requests that spend, each accepted once. The row of an idempotency key is written in the same batch as the generation,
 * so one of several simultaneous equal requests wins and the batches of the others fail as a whole. For a day the row
 * holds the response that the others and every repetition receive. Nothing is read before the batch.
 *
 * Without a key, a marked retry first reads whether the request that it repeats is recorded. If not, the first request
 * may still be on its way to its batch. Therefore the retry writes a mark in its own batch, under a name derived from
 * its fingerprint, and the batch of every request that arrived before the mark fails. The batch of the retry checks
 * once more for the repeated request, which may have been written in the meantime.
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

/** How long a key is remembered: longer than the retries of any client. */
const REMEMBERED_FOR = 24 * HOUR;
/** Time for reading and writing the response, added to the time for which a client asked the response to be held. */
const PENDING_MARGIN = 10 * SECOND;
/**
 * How long after its end a generation still counts as the target of a marked retry. Clients that mark retries try three
 * times by default, we hold each try for at most 290 seconds, and they wait ten minutes for one try.
 */
const REPEATABLE_FOR = 15 * MINUTE;

/** Two machines' clocks may differ by this much without changing which request counts as the first. */
const CLOCK_TOLERANCE = 2 * SECOND;

/** Prefix of the names of marks. The keys of callers cannot have it, because they are ASCII. */
const RETRIED = "↻ ";

/** How a request relates to others. */
export interface Repetition {
  /** The caller's own name for this request; null when it gave none. */
  readonly key: string | null;
  /** The client says that it repeats a request whose response it did not receive. */
  readonly isClientRetry: boolean;
  /** Epoch milliseconds at which the request arrived, before its body was read. */
  readonly arrivedAt: number;
}

/** How to accept a request once. */
export interface IdempotencyOptions extends Repetition {
  /** Operation within the caller's whole API; the scope of a key. */
  readonly route: string;
  /** Distinguishes requests in addition to caller, route and body. */
  readonly beside?: unknown;
  /** Milliseconds for which the response is held; 0 when it is sent immediately. */
  readonly waitMs: number;
  /** The immediate response as opaque text. Called before anything is written. */
  readonly respond: (made: ArtworkWithGeneration) => Promise<string>;
}

/** Idempotency options with the owner and the fingerprint of the body. */
export interface IdempotentRequest extends IdempotencyOptions {
  readonly owner: string;
  /** SHA-256 of caller, route, canonical body and `beside`: equal for equal requests. */
  readonly fingerprint: string;
  /** The same with uploads by their ids, which stay known after the uploads are deleted. */
  readonly fingerprintByName: string;
}

/** An equal request was recorded before: its artwork, or the response that it received. */
export type PriorResult =
  | (ArtworkWithGeneration & { readonly kind: "joined" })
  | { readonly kind: "replayed"; readonly response: string };

/** The result of a request that spends: recorded now, recorded by an equal request before, or refused. */
export type Requested = (ArtworkWithGeneration & { readonly kind: "recorded" }) | PriorResult | Refused;

interface Refused {
  readonly kind: "refused";
  readonly refusal: Refusal;
}

/** Tags a refusal as the result of a request. */
export const refused = (refusal: Refusal): Refused => ({ kind: "refused", refusal });

/** Tags what was recorded, or the refusal. */
const tagged = (made: ArtworkWithGeneration | Refusal): Requested =>
  isRefusal(made) ? refused(made) : { kind: "recorded", ...made };

/**
 * Makes an idempotent request, or null without options. `body` is the request after validation, with every default in
 * place; `bodyByName` names uploads by id where `body` has their content.
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

/** A request equals another by either: the same content uploaded anew, or the same upload ids, deleted or not. */
const fingerprintsOf = ({ fingerprint, fingerprintByName }: IdempotentRequest): string[] => [
  ...new Set([fingerprint, fingerprintByName]),
];

/**
 * Runs `attempt`, which records the request with `rememberStatements` in its batch, unless an equal request was accepted
 * before. After a failed batch and after a refused attempt the row of the key decides: the first request may be the
 * reason.
 */
export async function recordOnce(
  deps: Deps,
  idempotent: IdempotentRequest | null,
  attempt: () => Promise<ArtworkWithGeneration | Refusal>,
): Promise<Requested> {
  if (idempotent === null) return tagged(await attempt());
  const duplicate = await joinDuplicate(deps, idempotent);
  if (duplicate !== null) return duplicate;
  try {
    const made = await attempt();
    if (!isRefusal(made) || idempotent.key === null) return tagged(made);
    return (await priorResult(deps, idempotent)) ?? refused(made);
  } catch (error) {
    const prior = (await priorResult(deps, idempotent)) ?? (await joinDuplicate(deps, idempotent));
    if (prior === null) throw error;
    return prior;
  }
}

/**
 * Finds the request that a marked retry without a key repeats: one that runs, or that ended before the client received
 * a response. Null for none.
 */
async function joinDuplicate(deps: Deps, idempotent: IdempotentRequest): Promise<PriorResult | null> {
  if (idempotent.key !== null || !idempotent.isClientRetry) return null;
  const duplicate = await findDuplicate(deps, duplicateQueryOf(idempotent, deps.now()));
  return duplicate === null ? null : { kind: "joined", ...duplicate };
}

const duplicateQueryOf = ({ owner, fingerprint }: IdempotentRequest, now: number): DuplicateQuery => ({
  owner,
  fingerprint,
  endedAfter: now - REPEATABLE_FOR,
});

type Named = Pick<IdempotentRequest, "owner" | "route" | "key">;

const sameKey = ({ owner, route, key }: Named): SQL | undefined =>
  and(eq(idempotencyKeys.owner, owner), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key ?? ""));

/** The name of the row of a request, and the time beyond which that row must last to count. */
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

async function priorResult(deps: Deps, idempotent: IdempotentRequest): Promise<PriorResult | Refused | null> {
  const { name, lastsBeyond } = slotOf(deps, idempotent);
  const [row] = await deps.db.select().from(idempotencyKeys).where(sameKey(name));
  if (row === undefined || row.expiresAt <= lastsBeyond) return null;
  const recorded = row.fingerprint.split(" ");
  if (!fingerprintsOf(idempotent).some((one) => recorded.includes(one))) return refused(KEY_REUSED);
  if ((row.pendingUntil ?? 0) > deps.now()) return refused(KEY_IN_FLIGHT);
  return { kind: "replayed", response: row.response };
}

const KEY_REUSED: Refusal = {
  refused: "idempotency_key_reused",
  message: "This idempotency key belongs to a different request. Use a new key for a new request.",
};

const KEY_IN_FLIGHT: Refusal = {
  refused: "idempotency_in_flight",
  message: "The first request with this idempotency key is still in progress. Retry shortly.",
};

/**
 * The statements that remember an accepted request, for the batch that records it. They write if `won` holds. They fail
 * the batch when the key is taken, or when the request that a keyless retry repeats has been recorded.
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
  const response = await idempotent.respond(made);
  const now = deps.now();
  const pendingUntil =
    idempotent.waitMs === 0 || idempotent.key === null ? null : now + idempotent.waitMs + PENDING_MARGIN;
  const isExpired = and(sameKey(name), lte(idempotencyKeys.expiresAt, lastsBeyond));
  const duplicate = duplicates(deps, { ...duplicateQueryOf(idempotent, now), except: made.generation.id });
  // The values follow the order of the columns.
  return (won) => [
    deps.db.delete(idempotencyKeys).where(isExpired),
    deps.db.insert(idempotencyKeys).select(sql`
      select ${name.owner}, ${name.route}, ${name.key}, ${fingerprintsOf(idempotent).join(" ")}, ${response},
        ${pendingUntil}, ${now + REMEMBERED_FOR} where ${won}`),
    ...(idempotent.key === null ? [failIfNamed(deps, name, and(exists(duplicate), won))] : []),
  ];
}

/** Fails its batch when a row of this name exists and the condition holds, because it inserts the row a second time. */
const failIfNamed = ({ db }: Deps, name: Named, condition: SQL | undefined): BatchItem<"sqlite"> =>
  db.insert(idempotencyKeys).select(
    db
      .select()
      .from(idempotencyKeys)
      .where(and(sameKey(name), condition)),
  );

/** Replaces the immediate response by the held one, once it is known, for later repetitions. */
export async function storeFinalResponse(deps: Deps, idempotent: Named, response: string): Promise<void> {
  await deps.db.update(idempotencyKeys).set({ response, pendingUntil: null }).where(sameKey(idempotent));
}

/** Deletes up to `limit` expired keys; the next run deletes the rest. */
export async function deleteExpiredKeys({ db, now }: Pick<Deps, "db" | "now">, limit: number): Promise<void> {
  const expired = sql`(select rowid from ${idempotencyKeys} where expires_at <= ${now()} limit ${limit})`;
  await db.delete(idempotencyKeys).where(sql`rowid in ${expired}`);
}
