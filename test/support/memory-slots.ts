import type { Deps } from "../../src/domain/deps.ts";
import type { StartSlots } from "../../src/domain/ports/start-slots.ts";
import { EMPTY_STATE } from "../../src/domain/start-slots/book.ts";
import type { SlotState } from "../../src/domain/start-slots/book.ts";
import {
  askForSlot,
  requeueFirst,
  releaseSlot,
  disableCredential,
  wakeDesk,
} from "../../src/domain/start-slots/desk.ts";
import type { SlotStorage } from "../../src/domain/start-slots/desk.ts";
import type { FakeClock } from "./fake-clock.ts";

interface MemorySlots extends StartSlots {
  /** Generations with an entry in a state, also with an expired entry that was not released. */
  readonly held: () => readonly string[];
}

/** The start slots of a world: the real logic, stored in memory, with alarms on the test's clock. */
export function createMemorySlots(clock: FakeClock, deps: () => Deps): MemorySlots {
  const storages = new Map<string, SlotStorage>();
  const storageOf = (key: string): SlotStorage => {
    const storage = storages.get(key) ?? createStorage(clock, (own) => wakeDesk(deps(), own));
    storages.set(key, storage);
    return storage;
  };
  return {
    held: () => [...storages.values()].flatMap((storage) => [...storage.read().entries.keys()]),
    ask: async (key, request, mayWait) => askForSlot(deps(), storageOf(key), request, mayWait),
    release: (key, generationId) => releaseSlot(deps(), storageOf(key), generationId),
    requeueFirst: async (key, request) => requeueFirst(deps(), storageOf(key), request),
    disable: (key, code, generationId) =>
      disableCredential(deps(), storageOf(key), { key, code, generationId }),
  };
}

function createStorage(clock: FakeClock, wake: (storage: SlotStorage) => Promise<void>): SlotStorage {
  let kept: SlotState = EMPTY_STATE;
  let alarm: number | null = null;
  const storage: SlotStorage = {
    read: () => kept,
    write: (book, wakeAt) => {
      kept = book;
      if (wakeAt === alarm) return;
      alarm = wakeAt;
      if (wakeAt === null) return;
      clock.schedule(Math.max(0, wakeAt - clock.now()), async () => {
        if (alarm !== wakeAt) return;
        alarm = null;
        await wake(storage);
      });
    },
  };
  return storage;
}
