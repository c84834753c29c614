import type { Deps, Slots } from "../../src/domain/deps.ts";
import { EMPTY_BOOK } from "../../src/domain/start-slots/book.ts";
import type { Book } from "../../src/domain/start-slots/book.ts";
import {
  askForSlot,
  handBackSlot,
  releaseSlot,
  setKeyAside,
  wakeDesk,
} from "../../src/domain/start-slots/desk.ts";
import type { Shelf } from "../../src/domain/start-slots/desk.ts";
import type { FakeClock } from "./fake-clock.ts";

interface MemorySlots extends Slots {
  /** Generations that are in a book, whatever for: also those whose entry is over and was not released. */
  readonly held: () => readonly string[];
}

/** The slots objects of a world: the real desk and book, kept in memory, waking by the clock of the test. */
export function createMemorySlots(clock: FakeClock, deps: () => Deps): MemorySlots {
  const shelves = new Map<string, Shelf>();
  const shelfOf = (key: string): Shelf => {
    const shelf = shelves.get(key) ?? createShelf(clock, (own) => wakeDesk(deps(), own));
    shelves.set(key, shelf);
    return shelf;
  };
  return {
    held: () => [...shelves.values()].flatMap((shelf) => [...shelf.read().entries.keys()]),
    ask: async (key, request, mayWait) => askForSlot(deps(), shelfOf(key), request, mayWait),
    release: (key, generationId) => releaseSlot(deps(), shelfOf(key), generationId),
    handBack: async (key, request) => handBackSlot(deps(), shelfOf(key), request),
    setAside: (key, code, generationId) => setKeyAside(deps(), shelfOf(key), { key, code, generationId }),
  };
}

function createShelf(clock: FakeClock, wake: (shelf: Shelf) => Promise<void>): Shelf {
  let kept: Book = EMPTY_BOOK;
  let alarm: number | null = null;
  const shelf: Shelf = {
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
