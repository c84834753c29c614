import type { ChangeSignal } from "../../lib/change-signal.ts";
import type { GenerationRow } from "../rows.ts";

/** Watchers of everything that an owner has. */
export interface Feeds {
  /** Signals the listeners of an owner that something has changed. */
  readonly notify: (owner: string) => Promise<void>;
  /** Listens; never throws, like `Actors.listen`. */
  readonly listen: (owner: string) => Promise<ChangeSignal>;
}

export interface Change {
  readonly artworkId: string;
  readonly owner: string;
  readonly generationNumber: number;
  /** The generation as it is now; null when it is the artwork itself that changed. */
  readonly generation: GenerationRow | null;
  /** Those for which a delivery has been recorded with the change. */
  readonly receivers?: readonly string[];
}

export interface Listener {
  readonly name: string;
  readonly onChange: (change: Change) => Promise<void>;
}
