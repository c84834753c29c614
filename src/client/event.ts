import type { Artwork } from "./artwork.ts";

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** The id of the last event that you have; 0 for the whole history. Without it, a snapshot comes first. */
  readonly after?: number;
}

export interface ArtworkEvent {
  /** Counts from 1 within the artwork; null for progress, which is never sent again. */
  readonly id: number | null;
  /** `artwork.snapshot`, `artwork.<status>`, `artwork.progress`, or a type that a later version adds. */
  readonly type: string;
  /** The artwork at the time of the event. */
  readonly data: Artwork;
}
