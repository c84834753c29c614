/**
 * One upstream key's book at work: read, decide, write, tell who has to know. Reading, deciding and writing is
 * one piece without a pause in it, so no two callers ever decide on the same book.
 */
import { describeError } from "../../lib/log.ts";
import { MINUTE } from "../../lib/time.ts";
import { markKey, unmarkKey } from "./credential-health.ts";
import type { KeyFailure } from "../failure.ts";
import type { Deps, SlotAnswer, SlotRequest } from "../deps.ts";
import * as slotBook from "./book.ts";
import type { Book, SetAside, Turned } from "./book.ts";
import { makeDue } from "../generations/callbacks.ts";

/** A key that was set aside is asked no more often whether it works again. */
const PROBE_EVERY = MINUTE;
/** Requests are told anew of a key that stays aside, well before they forget it (see key-marks.ts). */
const MARK_AGAIN_AFTER = 30 * MINUTE;
/** A Worker may make 1,000 calls in one run. Who is not told comes back when its row is due. */
const KICKS_AT_ONCE = 500;

/** Where a book is kept between two decisions. Synchronous, so that nothing comes between. */
export interface Shelf {
  readonly read: () => Book;
  /** Keeps the book, and wakes its desk at `wakeAt` (epoch milliseconds; null: not at all). */
  readonly write: (book: Book, wakeAt: number | null) => void;
}

export type DeskDeps = Pick<Deps, "now" | "db" | "log" | "actors" | "provider" | "cache">;

/** Asks for a start; see `SlotAnswer`. */
export function askForSlot(deps: DeskDeps, shelf: Shelf, request: SlotRequest, mayWait: boolean): SlotAnswer {
  const now = deps.now();
  const { book, answer } = slotBook.ask(shelf.read(), request, { mayWait, now });
  put(shelf, book, now);
  return answer;
}

/** Frees what a generation had. */
export async function releaseSlot(deps: DeskDeps, shelf: Shelf, generationId: string): Promise<void> {
  const now = deps.now();
  await turn(deps, shelf, slotBook.release(shelf.read(), generationId, now));
}

/** A start that the upstream dropped: the key rests, then this generation is first. */
export function handBackSlot(deps: DeskDeps, shelf: Shelf, request: SlotRequest): void {
  put(shelf, slotBook.handBack(shelf.read(), request, deps.now()), deps.now());
}

/** The upstream refused the key itself: nothing more is started with it until a probe says that it works. */
export async function setKeyAside(
  deps: DeskDeps,
  shelf: Shelf,
  refused: { readonly key: string; readonly code: KeyFailure; readonly generationId: string },
): Promise<void> {
  const now = deps.now();
  const { key, code, generationId } = refused;
  const book = slotBook.release(shelf.read(), generationId, now).book;
  const why: SetAside = { key, code, refusedAt: now, probeAt: now + PROBE_EVERY, markedAt: now };
  deps.log.error("key.set_aside", { key, code });
  await Promise.all([turn(deps, shelf, slotBook.setAside(book, why, now)), markKey(deps, key, code)]);
}

/** What the desk's alarm does: asks after a key that is aside, serves who is in line. */
export async function wakeDesk(deps: DeskDeps, shelf: Shelf): Promise<void> {
  const aside = shelf.read().setAside;
  if (aside !== null && aside.probeAt <= deps.now()) await probe(deps, shelf, aside);
  await turn(deps, shelf, slotBook.serve(shelf.read(), deps.now()));
}

async function probe(deps: DeskDeps, shelf: Shelf, aside: SetAside): Promise<void> {
  const now = deps.now();
  // Written first: whatever becomes of the call, there is not another one within the minute.
  const probeAt = now + PROBE_EVERY;
  const isForgotten = aside.markedAt + MARK_AGAIN_AFTER <= now;
  const markedAt = isForgotten ? now : aside.markedAt;
  put(shelf, { ...shelf.read(), setAside: { ...aside, probeAt, markedAt } }, now);
  const health = await deps.provider.checkKey(aside, deps.log);
  if (health !== "unusable") {
    // The mark first: should it not go, the key stays aside and the next probe tries again.
    await unmarkKey(deps, aside.key);
    put(shelf, { ...shelf.read(), setAside: null }, deps.now());
    return deps.log.info("key.back", { key: aside.key });
  }
  if (isForgotten) await markKey(deps, aside.key, aside.code);
}

const put = (shelf: Shelf, book: Book, now: number): void => shelf.write(book, slotBook.nextWake(book, now));

/** Keeps a book, and has those that it calls look again: their rows are due now, their actors kicked. */
async function turn(deps: DeskDeps, shelf: Shelf, { book, called }: Turned): Promise<void> {
  put(shelf, book, deps.now());
  if (called.length === 0) return;
  const now = called.slice(0, KICKS_AT_ONCE);
  await makeDue(
    deps,
    now.map(({ generationId }) => generationId),
  );
  const told = now.map(({ artworkId }) => deps.actors.kick(artworkId));
  for (const kick of await Promise.allSettled(told)) {
    if (kick.status === "rejected") deps.log.error("kick.failed", describeError(kick.reason));
  }
}
