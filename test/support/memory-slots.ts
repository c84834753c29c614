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
  /** Generations that are in a book, whatever for: also those whose entry is over and was not released. */
  readonly held: () => readonly string[];
}

/** The slots objects of a world: the real desk and book, kept in memory, waking by the clock of the test. */
export function createMemorySlots(clock: FakeClock, deps: () => Deps): MemorySlots {
  const shelves = new Map<string, SlotStorage>();
  const shelfOf = (key: string): SlotStorage => {
    const shelf = shelves.get(key) ?? createShelf(clock, (own) => wakeDesk(deps(), own));
    shelves.set(key, shelf);
    return shelf;
  };
  return {
    held: () => [...shelves.values()].flatMap((shelf) => [...shelf.read().entries.keys()]),
    ask: async (key, request, mayWait) => askForSlot(deps(), shelfOf(key), request, mayWait),
    release: (key, generationId) => releaseSlot(deps(), shelfOf(key), generationId),
    requeueFirst: async (key, request) => requeueFirst(deps(), shelfOf(key), request),
    disable: (key, code, generationId) =>
      disableCredential(deps(), shelfOf(key), { key, code, generationId }),
  };
}

function createShelf(clock: FakeClock, wake: (shelf: SlotStorage) => Promise<void>): SlotStorage {
  let kept: SlotState = EMPTY_STATE;
  let alarm: number | null = null;
  const shelf: SlotStorage = {
    read: () => kept,
    write: (book, wakeAt) => {
      kept = book;
      if (wakeAt === alarm) return;
      alarm = wakeAt;
      if (wakeAt === null) return;
      clock.schedule(Math.max(0, wakeAt - clock.now()), async () => {
        if (alarm !== wakeAt) return;
        alarm = null;
        await wake(shelf);
      });
    },
  };
  return shelf;
}
