/**
 * One upstream key's book at work: read, decide, write, tell who has to know. Reading, deciding and writing is
 * one piece without a pause in it, so no two callers ever decide on the same book.
 */
import { describeError } from "../../lib/log.ts";
import { MINUTE } from "../../lib/time.ts";
import { markDisabled, clearDisabled } from "./credential-health.ts";
import type { CredentialFailure } from "../failure.ts";
import type { Deps } from "../deps.ts";
import type { SlotAnswer, SlotRequest } from "../ports/start-slots.ts";
import * as slotBook from "./book.ts";
import type { SlotState, DisabledCredential, SlotUpdate } from "./book.ts";
import { makeDue } from "../generations/callbacks.ts";

/** A key that was set aside is asked no more often whether it works again. */
const PROBE_EVERY = MINUTE;
/** Requests are told anew of a key that stays aside, well before they forget it (see key-marks.ts). */
const RENEW_MARK_AFTER = 30 * MINUTE;
/** A Worker may make 1,000 calls in one run. Who is not told comes back when its row is due. */
const WAKES_AT_ONCE = 500;

/** Where a book is kept between two decisions. Synchronous, so that nothing comes between. */
export interface SlotStorage {
  readonly read: () => SlotState;
  /** Keeps the book, and wakes its desk at `wakeAt` (epoch milliseconds; null: not at all). */
  readonly write: (state: SlotState, wakeAt: number | null) => void;
}

export type DeskDeps = Pick<Deps, "now" | "db" | "log" | "actors" | "providers" | "cache">;

/** Asks for a start; see `SlotAnswer`. */
export function askForSlot(
  deps: DeskDeps,
  storage: SlotStorage,
  request: SlotRequest,
  mayWait: boolean,
): SlotAnswer {
  const now = deps.now();
  const { state, answer } = slotBook.ask(storage.read(), request, { mayWait, now });
  put(storage, state, now);
  return answer;
}

/** Frees what a generation had. */
export async function releaseSlot(deps: DeskDeps, storage: SlotStorage, generationId: string): Promise<void> {
  const now = deps.now();
  await turn(deps, storage, slotBook.release(storage.read(), generationId, now));
}

/** A start that the upstream dropped: the key rests, then this generation is first. */
export function requeueFirst(deps: DeskDeps, storage: SlotStorage, request: SlotRequest): void {
  put(storage, slotBook.requeueFirst(storage.read(), request, deps.now()), deps.now());
}

/** The upstream refused the key itself: nothing more is started with it until a probe says that it works. */
export async function disableCredential(
  deps: DeskDeps,
  storage: SlotStorage,
  refused: { readonly key: string; readonly code: CredentialFailure; readonly generationId: string },
): Promise<void> {
  const now = deps.now();
  const { key, code, generationId } = refused;
  const state = slotBook.release(storage.read(), generationId, now).state;
  const why: DisabledCredential = { key, code, refusedAt: now, probeAt: now + PROBE_EVERY, markedAt: now };
  deps.log.error("credential.disabled", { key, code });
  await Promise.all([turn(deps, storage, slotBook.disabled(state, why, now)), markDisabled(deps, key, code)]);
}

/** What the desk's alarm does: asks after a key that is aside, serves who is in line. */
export async function wakeDesk(deps: DeskDeps, storage: SlotStorage): Promise<void> {
  const disabled = storage.read().disabled;
  if (disabled !== null && disabled.probeAt <= deps.now()) await probe(deps, storage, disabled);
  await turn(deps, storage, slotBook.serve(storage.read(), deps.now()));
}

async function probe(deps: DeskDeps, storage: SlotStorage, disabled: DisabledCredential): Promise<void> {
  const now = deps.now();
  // Written first: whatever becomes of the call, there is not another one within the minute.
  const probeAt = now + PROBE_EVERY;
  const isForgotten = disabled.markedAt + RENEW_MARK_AFTER <= now;
  const markedAt = isForgotten ? now : disabled.markedAt;
  put(storage, { ...storage.read(), disabled: { ...disabled, probeAt, markedAt } }, now);
  const health = await deps.providers.checkCredential(disabled, deps.log);
  if (health !== "unusable") {
    // The mark first: should it not go, the key stays aside and the next probe tries again.
    await clearDisabled(deps, disabled.key);
    put(storage, { ...storage.read(), disabled: null }, deps.now());
    return deps.log.info("credential.enabled", { key: disabled.key });
  }
  if (isForgotten) await markDisabled(deps, disabled.key, disabled.code);
}

const put = (storage: SlotStorage, state: SlotState, now: number): void =>
  storage.write(state, slotBook.nextWake(state, now));

/** Keeps a book, and has those that it calls look again: their rows are due now, their actors kicked. */
async function turn(deps: DeskDeps, storage: SlotStorage, { state, toWake }: SlotUpdate): Promise<void> {
  put(storage, state, deps.now());
  if (toWake.length === 0) return;
  const now = toWake.slice(0, WAKES_AT_ONCE);
  await makeDue(
    deps,
    now.map(({ generationId }) => generationId),
  );
  const told = now.map(({ artworkId }) => deps.actors.wake(artworkId));
  for (const kick of await Promise.allSettled(told)) {
    if (kick.status === "rejected") deps.log.error("wake.failed", describeError(kick.reason));
  }
}
