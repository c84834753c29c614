/**
 * Who may start next with one upstream key. Pure: a book and the clock in, a new book out.
 *
 * An entry is `waiting` in line, `reserved` when its turn has come and its actor has been told, `granted` from
 * the moment that its actor takes the turn until the job has ended. The line is fair between owners: each entry gets
 * the turn after its owner's last one, or after the one served last, and the least turn goes first. So owners
 * with many jobs and owners with one alternate.
 */
import { SECOND } from "../../lib/time.ts";
import type { RefusedKey } from "../failure.ts";
import type { SlotAnswer, SlotRequest } from "../deps.ts";
import type { StartLimits } from "../ports/provider.ts";

/**
 * Starts come twenty at once, and would be looked at, again and again, twenty at once. The upstream takes ten status reads
 * a second; so far apart, there is room for those of five windows.
 */
const BETWEEN_LOOKS = 500;

/** An actor that does not take its turn within this time is dead or gone; its row's own due time brings it back. */
const RESERVED_FOR = 15 * SECOND;

interface Entry extends SlotRequest {
  readonly state: "waiting" | "reserved" | "granted";
  readonly turn: number;
  /** When it got into this state. */
  readonly since: number;
}

export interface SetAside extends RefusedKey {
  /** When it is to be asked again whether it works. */
  readonly probeAt: number;
  /** When requests were last told of it. */
  readonly markedAt: number;
}

export interface Book {
  /** By generation. An entry is over at its generation's deadline, so that a lost release heals. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Creates of the last window: generation and time. */
  readonly starts: readonly (readonly [string, number])[];
  /** The turn that was served last. */
  readonly served: number;
  /** The time up to which first looks are spread already. */
  readonly looksUntil: number;
  /** No create before this time: the upstream said that there were too many. */
  readonly pausedUntil: number;
  readonly setAside: SetAside | null;
  /** The upstream's, as whoever asked last knows them. */
  readonly limits: StartLimits;
}

export const EMPTY_BOOK: Book = {
  entries: new Map(),
  starts: [],
  served: 0,
  looksUntil: 0,
  pausedUntil: 0,
  setAside: null,
  // Whoever is the first to ask brings the true ones.
  limits: { starts: 1, window: SECOND, running: 1 },
};

/** A book after a change, and who is to look again because of it. */
export interface Turned {
  readonly book: Book;
  readonly called: readonly SlotRequest[];
}

interface Asked {
  readonly book: Book;
  readonly answer: SlotAnswer;
}

const endOf = (entry: Entry): number =>
  entry.state === "reserved" ? Math.min(entry.since + RESERVED_FOR, entry.deadlineAt) : entry.deadlineAt;

const inState = (book: Book, state: Entry["state"]): Entry[] =>
  [...book.entries.values()].filter((entry) => entry.state === state);

/** The book without what is over. */
function current(book: Book, now: number): Book {
  const entries = [...book.entries].filter(([, entry]) => endOf(entry) > now);
  const starts = book.starts.filter(([, at]) => at + book.limits.window > now);
  return { ...book, entries: new Map(entries), starts };
}

const withEntry = (book: Book, entry: Entry): Book => ({
  ...book,
  entries: new Map(book.entries).set(entry.generationId, entry),
});

function without(book: Book, generationId: string): Book {
  const entries = new Map(book.entries);
  entries.delete(generationId);
  return { ...book, entries };
}

/** Places of the window, and of what runs, that nobody has. A reservation has both. */
function places(book: Book): { starts: number; running: number } {
  const reserved = inState(book, "reserved").length;
  return {
    starts: book.limits.starts - book.starts.length - reserved,
    running: book.limits.running - inState(book, "granted").length - reserved,
  };
}

function hasRoom(book: Book, now: number): boolean {
  const { starts, running } = places(book);
  return book.setAside === null && now >= book.pausedUntil && starts > 0 && running > 0;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.turn === other.turn ? one.since < other.since : one.turn < other.turn;

/** Who is first in line, or null. */
const first = (book: Book): Entry | null =>
  inState(book, "waiting").reduce<Entry | null>(
    (best, entry) => (best === null || isBefore(entry, best) ? entry : best),
    null,
  );

function nextTurn(book: Book, owner: string): number {
  const own = inState(book, "waiting").filter((entry) => entry.owner === owner);
  return own.reduce((last, entry) => Math.max(last, entry.turn), book.served) + 1;
}

function grant(before: Book, entry: Entry, now: number): Asked {
  const starts = [...before.starts, [entry.generationId, now] as const];
  const served = Math.max(before.served, entry.turn);
  // Within a window, also when the clock has been put back.
  const looksUntil = Math.min(Math.max(now, before.looksUntil + BETWEEN_LOOKS), now + before.limits.window);
  const book = {
    ...withEntry(before, { ...entry, state: "granted", since: now }),
    starts,
    served,
    looksUntil,
  };
  return { book, answer: { state: "granted", lookLater: looksUntil - now } };
}

/**
 * Asks for a start. Granted when there is room and nobody comes first; else the generation gets in line, if it
 * wants to. Asked twice, it is answered twice and counted once.
 */
export function ask(
  before: Book,
  request: SlotRequest,
  { mayWait, now }: { readonly mayWait: boolean; readonly now: number },
): Asked {
  const book = current({ ...before, limits: request.limits }, now);
  if (book.setAside !== null) return { book, answer: { state: "set_aside", code: book.setAside.code } };
  const known = book.entries.get(request.generationId);
  if (known?.state === "granted" && hasStarted(book, known)) {
    return { book, answer: { state: "granted", lookLater: 0 } };
  }
  if (known?.state === "reserved" && now >= book.pausedUntil) return grant(book, known, now);
  const turn = known?.turn ?? nextTurn(book, request.owner);
  const entry: Entry = { since: now, ...known, ...request, state: "waiting", turn };
  return takeOrWait(book, entry, { mayWait: mayWait || known !== undefined, now });
}

function takeOrWait(book: Book, entry: Entry, how: { mayWait: boolean; now: number }): Asked {
  const { mayWait: isInLine, now } = how;
  const inLine = withEntry(book, entry);
  if (hasRoom(inLine, now) && first(inLine) === entry) return grant(inLine, entry, now);
  const after = isInLine ? inLine : book;
  return { book: after, answer: { state: "waiting", isInLine, ahead: inState(after, "waiting").length } };
}

const hasStarted = (book: Book, entry: Entry): boolean =>
  book.starts.some(([id]) => id === entry.generationId);

/** Reserves what is free for those whose turn has come. */
export function serve(before: Book, now: number): Turned {
  let book = current(before, now);
  const called: SlotRequest[] = [];
  for (let next = first(book); next !== null && hasRoom(book, now); next = first(book)) {
    const reserved = withEntry(book, { ...next, state: "reserved", since: now });
    book = { ...reserved, served: Math.max(book.served, next.turn) };
    called.push(next);
  }
  return { book, called };
}

/** Takes a generation out, whatever its state; what it leaves free goes to the next in line. */
export const release = (book: Book, generationId: string, now: number): Turned =>
  serve(without(book, generationId), now);

/** The upstream dropped this create for coming too soon: nothing more for a window, then this one first. */
export function handBack(before: Book, request: SlotRequest, now: number): Book {
  if (before.setAside !== null) return without(before, request.generationId);
  const entry: Entry = { ...request, state: "waiting", turn: 0, since: now };
  return { ...withEntry(current(before, now), entry), pausedUntil: now + request.limits.window };
}

/** Sets the key aside. Who waited is sent to look for another key; who runs goes on. */
export function setAside(before: Book, why: SetAside, now: number): Turned {
  const book = current(before, now);
  return {
    book: { ...book, entries: new Map(granted(book)), setAside: why },
    called: [...inState(book, "waiting"), ...inState(book, "reserved")],
  };
}

const granted = (book: Book): [string, Entry][] =>
  inState(book, "granted").map((entry) => [entry.generationId, entry]);

/** When the book has to be looked at again, in epoch milliseconds; null when nobody waits for anything. */
export function nextWake(book: Book, now: number): number | null {
  if (book.setAside !== null) return book.setAside.probeAt;
  if (first(book) === null) return null;
  if (hasRoom(book, now)) return now;
  if (now < book.pausedUntil) return book.pausedUntil;
  const isWindowFull = places(book).starts <= 0;
  const freed = isWindowFull
    ? book.starts.map(([, at]) => at + book.limits.window)
    : inState(book, "granted").map(endOf);
  return Math.min(...freed, ...inState(book, "reserved").map(endOf));
}
