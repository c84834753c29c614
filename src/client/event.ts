import type { Artwork } from "./artwork.ts";

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** The id of the last event that you have; 0 for the whole history. Without it, a snapshot comes first. */
  readonly after?: number;
}

export interface ArtworkEvent {
  /** Counts from 1 within the artwork; null for progress, which is told once and never again. */
  readonly id: number | null;
  /** `artwork.snapshot`, `artwork.<status>`, `artwork.progress`, and what may come to be told. */
  readonly type: string;
  /** The artwork as it was when this was told. */
  readonly data: Artwork;
}
