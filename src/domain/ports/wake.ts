import type { ChangeSignal } from "../../lib/change-signal.ts";

export interface Actors {
  /** Asks the artwork's actor to look now. Resolves when the wish is durable. */
  readonly wake: (artworkId: string) => Promise<void>;
  /** Listens for changes of the artwork. Never throws: where nobody can be listened to the signal is soon lost. */
  readonly listen: (artworkId: string) => Promise<ChangeSignal>;
}

/** Who is told by webhook. */
export interface Receivers {
  /** Asks the dispatcher of a receiver to look now. Resolves when the wish is durable. */
  readonly wake: (receiver: string) => Promise<void>;
}
