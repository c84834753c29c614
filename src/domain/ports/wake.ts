import type { ChangeSignal } from "../../lib/change-signal.ts";

export interface Actors {
  /** Wakes the artwork's actor. Resolves when the wake is durable. */
  readonly wake: (artworkId: string) => Promise<void>;
  /** Listens for changes of the artwork. Never throws: without a connection the signal is soon lost. */
  readonly listen: (artworkId: string) => Promise<ChangeSignal>;
}

/** The dispatchers of webhook receivers. */
export interface Receivers {
  /** Wakes the dispatcher of a receiver. Resolves when the wake is durable. */
  readonly wake: (receiver: string) => Promise<void>;
}
