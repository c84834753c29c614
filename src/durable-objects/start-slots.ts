import { DurableObject } from "cloudflare:workers";
import type { StartSlotsRpc, Env } from "../bindings.ts";
import { createDeps } from "../compose/create-deps.ts";
import { createLog, describeError } from "../lib/log.ts";
import type { CredentialFailure } from "../domain/failure.ts";
import type { SlotAnswer, SlotRequest } from "../domain/ports/start-slots.ts";
import { EMPTY_STATE } from "../domain/start-slots/book.ts";
import type { SlotState } from "../domain/start-slots/book.ts";
import {
  askForSlot,
  requeueFirst,
  releaseSlot,
  disableCredential,
  wakeDesk,
} from "../domain/start-slots/desk.ts";
import type { SlotStorage } from "../domain/start-slots/desk.ts";

/** Pause after a waking that threw. */
const PAUSE_AFTER_ERROR = 5_000;
const ENTRY = "entry:";

/**
 * One per provider credential: hands out its start slots. The state is in storage, one
 * record for each generation and one for the rest, and what changed of it is written before anything is answered; a
 * crash or an eviction loses nothing.
 */
export class StartSlots extends DurableObject<Env> implements StartSlotsRpc {
  #book: SlotState | null = null;
  #wakeAt: number | null | undefined;

  async ask(request: SlotRequest, mayWait: boolean): Promise<SlotAnswer> {
    return askForSlot(createDeps(this.env), this.#slots, request, mayWait);
  }

  async release(generationId: string): Promise<void> {
    await releaseSlot(createDeps(this.env), this.#slots, generationId);
  }

  async requeueFirst(request: SlotRequest): Promise<void> {
    requeueFirst(createDeps(this.env), this.#slots, request);
  }

  async disable(key: string, code: CredentialFailure, generationId: string): Promise<void> {
    await disableCredential(createDeps(this.env), this.#slots, { key, code, generationId });
  }

  /** Sets the alarm again after every error, also of a wrong configuration: the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    this.#wakeAt = null;
    try {
      await wakeDesk(createDeps(this.env), this.#slots);
    } catch (error) {
      createLog().error("slots.wake_failed", describeError(error));
      this.#wake(Date.now() + PAUSE_AFTER_ERROR);
    }
  }

  readonly #slots: SlotStorage = {
    read: () => (this.#book ??= readState(this.ctx.storage.kv)),
    write: (state, wakeAt) => {
      writeChanges(this.ctx.storage.kv, this.#book ?? EMPTY_STATE, state);
      this.#book = state;
      this.#wake(wakeAt);
    },
  };

  /** Storage holds an answer back until the alarm is written; only a change costs a write. */
  #wake(at: number | null): void {
    if (at === this.#wakeAt) return;
    this.#wakeAt = at;
    this.ctx.waitUntil(at === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at));
  }
}

function readState(storage: SyncKvStorage): SlotState {
  const head = storage.get<Partial<Omit<SlotState, "entries">>>("head");
  const stored = [...storage.list<EntryOf<SlotState>>({ prefix: ENTRY })];
  const entries = stored.map(([name, entry]) => [name.slice(ENTRY.length), entry] as const);
  return { ...EMPTY_STATE, ...head, entries: new Map(entries) };
}

type EntryOf<Kept extends SlotState> =
  Kept["entries"] extends ReadonlyMap<string, infer Entry> ? Entry : never;

function writeChanges(storage: SyncKvStorage, before: SlotState, after: SlotState): void {
  for (const id of before.entries.keys()) if (!after.entries.has(id)) storage.delete(ENTRY + id);
  for (const [id, entry] of after.entries) {
    if (before.entries.get(id) !== entry) storage.put(ENTRY + id, entry);
  }
  const { entries: _entries, ...head } = after;
  storage.put("head", head);
}
