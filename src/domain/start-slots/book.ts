/**
 * The queue of starts of one credential. Pure: a state and the clock in, a new state out.
 *
 * An entry is `waiting` in the queue, `reserved` when its turn has come and its actor is woken, `granted` from the moment
 * that its actor takes the turn until the job has ended. The queue is fair between owners: each entry gets the turn after
 * its owner's last one, or after the one served last, and the least turn goes first. So owners with many jobs and owners
 * with one alternate.
 */
import { SECOND } from "../../lib/time.ts";
import type { RefusedCredential } from "../failure.ts";
import type { SlotAnswer, SlotRequest } from "../ports/start-slots.ts";
import type { StartLimits } from "../ports/provider.ts";

/**
 * Starts come twenty at once and would be polled twenty at once, again and again. KIE takes ten status reads a second; this far
 * apart, the polls of five windows fit.
 */
const POLL_SPACING = 500;

/** An actor that does not take its turn within this time is gone; its row's own due time brings it back. */
const RESERVED_FOR = 15 * SECOND;

interface Entry extends SlotRequest {
  readonly state: "waiting" | "reserved" | "granted";
  readonly turn: number;
  /** When it got into this state. */
  readonly since: number;
}

export interface DisabledCredential extends RefusedCredential {
  /** When it is to be asked again whether it works. */
  readonly probeAt: number;
  /** When the mark that requests read was last written. */
  readonly markedAt: number;
}

export interface SlotState {
  /** By generation. An entry is over at its generation's deadline, so that a lost release heals. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Creates of the last window: generation and time. */
  readonly starts: readonly (readonly [string, number])[];
  /** The turn that was served last. */
  readonly served: number;
  /** The time up to which first polls are spread already. */
  readonly pollsUntil: number;
  /** No create before this time: the provider refused one for coming too soon. */
  readonly pausedUntil: number;
  readonly disabled: DisabledCredential | null;
  /** The provider's limits, as the last request named them. */
  readonly limits: StartLimits;
}

export const EMPTY_STATE: SlotState = {
  entries: new Map(),
  starts: [],
  served: 0,
  pollsUntil: 0,
  pausedUntil: 0,
  disabled: null,
  // The first request brings the real ones.
  limits: { starts: 1, window: SECOND, running: 1 },
};

/** A state after a change, and the requests to wake because of it. */
export interface SlotUpdate {
  readonly state: SlotState;
  readonly toWake: readonly SlotRequest[];
}

interface SlotResponse {
  readonly state: SlotState;
  readonly answer: SlotAnswer;
}

const endOf = (entry: Entry): number =>
  entry.state === "reserved" ? Math.min(entry.since + RESERVED_FOR, entry.deadlineAt) : entry.deadlineAt;

const inState = (slots: SlotState, state: Entry["state"]): Entry[] =>
  [...slots.entries.values()].filter((entry) => entry.state === state);

/** The state without expired entries. */
function current(state: SlotState, now: number): SlotState {
  const entries = [...state.entries].filter(([, entry]) => endOf(entry) > now);
  const starts = state.starts.filter(([, at]) => at + state.limits.window > now);
  return { ...state, entries: new Map(entries), starts };
}

const withEntry = (state: SlotState, entry: Entry): SlotState => ({
  ...state,
  entries: new Map(state.entries).set(entry.generationId, entry),
});

function without(state: SlotState, generationId: string): SlotState {
  const entries = new Map(state.entries);
  entries.delete(generationId);
  return { ...state, entries };
}

/** Free places in the window and among running jobs. A reservation takes both. */
function places(state: SlotState): { starts: number; running: number } {
  const reserved = inState(state, "reserved").length;
  return {
    starts: state.limits.starts - state.starts.length - reserved,
    running: state.limits.running - inState(state, "granted").length - reserved,
  };
}

function hasRoom(state: SlotState, now: number): boolean {
  const { starts, running } = places(state);
  return state.disabled === null && now >= state.pausedUntil && starts > 0 && running > 0;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.turn === other.turn ? one.since < other.since : one.turn < other.turn;

/** The first entry of the queue, or null. */
const first = (state: SlotState): Entry | null =>
  inState(state, "waiting").reduce<Entry | null>(
    (best, entry) => (best === null || isBefore(entry, best) ? entry : best),
    null,
  );

function nextTurn(state: SlotState, owner: string): number {
  const own = inState(state, "waiting").filter((entry) => entry.owner === owner);
  return own.reduce((last, entry) => Math.max(last, entry.turn), state.served) + 1;
}

function grant(before: SlotState, entry: Entry, now: number): SlotResponse {
  const starts = [...before.starts, [entry.generationId, now] as const];
  const served = Math.max(before.served, entry.turn);
  // Within a window, also when the clock has been put back.
  const pollsUntil = Math.min(Math.max(now, before.pollsUntil + POLL_SPACING), now + before.limits.window);
  const state = {
    ...withEntry(before, { ...entry, state: "granted", since: now }),
    starts,
    served,
    pollsUntil,
  };
  return { state, answer: { state: "granted", pollDelay: pollsUntil - now } };
}

/**
 * Asks for a start: granted when there is room and no entry comes first; else the generation joins the queue, with
 * `mayWait`. A repeated request is answered again and counted once.
 */
export function ask(
  before: SlotState,
  request: SlotRequest,
  { mayWait, now }: { readonly mayWait: boolean; readonly now: number },
): SlotResponse {
  const state = current({ ...before, limits: request.limits }, now);
  if (state.disabled !== null) return { state, answer: { state: "set_aside", code: state.disabled.code } };
  const known = state.entries.get(request.generationId);
  if (known?.state === "granted" && hasStarted(state, known)) {
    return { state, answer: { state: "granted", pollDelay: 0 } };
  }
  if (known?.state === "reserved" && now >= state.pausedUntil) return grant(state, known, now);
  const turn = known?.turn ?? nextTurn(state, request.owner);
  const entry: Entry = { since: now, ...known, ...request, state: "waiting", turn };
  return takeOrWait(state, entry, { mayWait: mayWait || known !== undefined, now });
}

function takeOrWait(state: SlotState, entry: Entry, how: { mayWait: boolean; now: number }): SlotResponse {
  const { mayWait: isInLine, now } = how;
  const inLine = withEntry(state, entry);
  if (hasRoom(inLine, now) && first(inLine) === entry) return grant(inLine, entry, now);
  const after = isInLine ? inLine : state;
  return { state: after, answer: { state: "waiting", isInLine, ahead: inState(after, "waiting").length } };
}

const hasStarted = (state: SlotState, entry: Entry): boolean =>
  state.starts.some(([id]) => id === entry.generationId);

/** Reserves what is free for those whose turn has come. */
export function serve(before: SlotState, now: number): SlotUpdate {
  let state = current(before, now);
  const toWake: SlotRequest[] = [];
  for (let next = first(state); next !== null && hasRoom(state, now); next = first(state)) {
    const reserved = withEntry(state, { ...next, state: "reserved", since: now });
    state = { ...reserved, served: Math.max(state.served, next.turn) };
    toWake.push(next);
  }
  return { state, toWake };
}

/** Takes a generation out, whatever its state; what it leaves free goes to the next in line. */
export const release = (state: SlotState, generationId: string, now: number): SlotUpdate =>
  serve(without(state, generationId), now);

/** The provider dropped this create for coming too soon: no start for a window, then this one first. */
export function requeueFirst(before: SlotState, request: SlotRequest, now: number): SlotState {
  if (before.disabled !== null) return without(before, request.generationId);
  const entry: Entry = { ...request, state: "waiting", turn: 0, since: now };
  return { ...withEntry(current(before, now), entry), pausedUntil: now + request.limits.window };
}

/** Disables the credential. Waiting requests are woken to try another one; running jobs go on. */
export function disabled(before: SlotState, why: DisabledCredential, now: number): SlotUpdate {
  const state = current(before, now);
  return {
    state: { ...state, entries: new Map(granted(state)), disabled: why },
    toWake: [...inState(state, "waiting"), ...inState(state, "reserved")],
  };
}

const granted = (state: SlotState): [string, Entry][] =>
  inState(state, "granted").map((entry) => [entry.generationId, entry]);

/** When the state changes next by itself, in epoch milliseconds; null: not at all. */
export function nextWake(state: SlotState, now: number): number | null {
  if (state.disabled !== null) return state.disabled.probeAt;
  if (first(state) === null) return null;
  if (hasRoom(state, now)) return now;
  if (now < state.pausedUntil) return state.pausedUntil;
  const isWindowFull = places(state).starts <= 0;
  const freed = isWindowFull
    ? state.starts.map(([, at]) => at + state.limits.window)
    : inState(state, "granted").map(endOf);
  return Math.min(...freed, ...inState(state, "reserved").map(endOf));
}
