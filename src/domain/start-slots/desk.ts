/**
 * The slots of one credential at work: read, decide, write, wake. Read, decision and write happen without a pause, so no two
 * callers decide on the same state.
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

/** How often a disabled credential is checked. */
const PROBE_EVERY = MINUTE;
/** The mark of a disabled credential is renewed well before it expires (see credential-health.ts). */
const RENEW_MARK_AFTER = 30 * MINUTE;
/** A Worker may make 1,000 calls in one run. The rest comes back when its rows are due. */
const WAKES_AT_ONCE = 500;

/** Keeps the state between two decisions. Synchronous, so that nothing comes between. */
export interface SlotStorage {
  readonly read: () => SlotState;
  /** Stores the state, and wakes its desk at `wakeAt` (epoch milliseconds; null: not at all). */
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

/** Puts a start first again that the provider dropped; the credential rests before. */
export function requeueFirst(deps: DeskDeps, storage: SlotStorage, request: SlotRequest): void {
  put(storage, slotBook.requeueFirst(storage.read(), request, deps.now()), deps.now());
}

/** Disables a credential that the provider refused: no start until a check succeeds. */
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

/** The run of the desk's alarm: checks a disabled credential, serves the queue. */
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
    // The mark first: if that fails, the credential stays disabled and the next check tries again.
    await clearDisabled(deps, disabled.key);
    put(storage, { ...storage.read(), disabled: null }, deps.now());
    return deps.log.info("credential.enabled", { key: disabled.key });
  }
  if (isForgotten) await markDisabled(deps, disabled.key, disabled.code);
}

const put = (storage: SlotStorage, state: SlotState, now: number): void =>
  storage.write(state, slotBook.nextWake(state, now));

/** Writes a state and wakes the requests that it names: their rows are due now, and their actors run. */
async function turn(deps: DeskDeps, storage: SlotStorage, { state, toWake }: SlotUpdate): Promise<void> {
  put(storage, state, deps.now());
  if (toWake.length === 0) return;
  const now = toWake.slice(0, WAKES_AT_ONCE);
  await makeDue(
    deps,
    now.map(({ generationId }) => generationId),
  );
  const wakes = now.map(({ artworkId }) => deps.actors.wake(artworkId));
  for (const wake of await Promise.allSettled(wakes)) {
    if (wake.status === "rejected") deps.log.error("wake.failed", describeError(wake.reason));
  }
}
