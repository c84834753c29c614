/** What the API answers. Times are ISO 8601 in UTC. */

/** A file of yours that a generation made. */
export interface Output {
  readonly id: string;
  readonly url: string;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export type GenerationStatus =
  | "queued"
  | "submitting"
  | "processing"
  | "storing"
  | "completed"
  | "failed"
  | "canceled";

export interface GenerationError {
  readonly code: string;
  readonly message: string | null;
  readonly retryable: boolean;
}

/** An attempt with another model that failed before this one took over. */
export interface Attempt {
  readonly number: number;
  readonly model: string;
  readonly error: GenerationError;
  readonly credits: { readonly used: number | null };
  readonly submittedAt: string | null;
  readonly endedAt: string | null;
}

/** The outcome of rewriting the prompt. */
export interface PromptOptimization {
  readonly status: "pending" | "optimized" | "unavailable";
  /** What went wrong and what would help; null where nothing did. */
  readonly message: string | null;
}

/** One try at an artwork. */
export interface Generation {
  readonly id: string;
  readonly object: string;
  readonly artworkId: string;
  readonly number: number;
  readonly status: GenerationStatus;
  /** Whether it has ended, for better or worse. */
  readonly terminal: boolean;
  /** From 0 to 1, where the provider reports it. */
  readonly progress: number | null;
  readonly model: string;
  /** `image` or `video`; `any` until the first file is known. */
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Output[];
  readonly missing: readonly { readonly position: number; readonly reason: string }[];
  readonly error: GenerationError | null;
  readonly attempts: readonly Attempt[];
  readonly credits: { readonly estimated: number | null; readonly used: number | null };
  /** Null where nobody wanted the prompt rewritten; `input` has the one that is sent. */
  readonly promptOptimization: PromptOptimization | null;
  readonly createdAt: string | null;
  readonly submittedAt: string | null;
  readonly completedAt: string | null;
  readonly deadlineAt: string | null;
  /** Until when results are kept; null where they are kept for ever, or not there yet. */
  readonly expiresAt: string | null;
  /** Since when they are gone; null while they are there. */
  readonly expiredAt: string | null;
}

export interface Artwork {
  readonly id: string;
  readonly object: string;
  readonly status: "draft" | "ready" | "failed";
  readonly title: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** As it was asked for. */
  readonly prompt: unknown;
  /** What is sent in its place; null where the prompt itself is. */
  readonly optimizedPrompt: string | null;
  readonly model: string;
  readonly kind: string;
  /** Of the newest completed generation. */
  readonly outputs: readonly Output[];
  /** The newest. */
  readonly generation: Generation;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  /** Until when results are kept; null where they are kept for ever, or not there yet. */
  readonly expiresAt: string | null;
  /** Since when they are gone; null while they are there. */
  readonly expiredAt: string | null;
  readonly urls: Readonly<Record<string, string>>;
}

export interface CanceledArtwork extends Artwork {
  readonly cancellation: { readonly mayBeBilled: boolean; readonly message: string };
}
