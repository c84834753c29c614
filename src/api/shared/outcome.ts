/** The outcome of a generation for a client that waits. */
import { changesOf } from "../../domain/live/changes.ts";
import { failure } from "../../domain/failure.ts";
import { presentArtwork } from "../../domain/artworks/present.ts";
import type { Links } from "../../domain/artworks/present.ts";
import { findWithArtwork } from "../../domain/artworks/queries.ts";
import type { ArtworkWithGeneration, GenerationRow } from "../../domain/rows.ts";
import { completeView } from "../../domain/artworks/views.ts";
import type { ArtworkView } from "../../domain/artworks/views.ts";
import type { RequestScope } from "../../http/scope.ts";
import { describeError } from "../../lib/log.ts";

/** A stored file. */
export interface ResultFile {
  readonly url: string;
  /** Key in the bucket. */
  readonly key: string;
  readonly contentType: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** The result of a completed generation. */
export interface GenerationResult {
  readonly id: string;
  readonly prompt: string;
  /** The rewritten prompt; null when it was not rewritten. */
  readonly optimizedPrompt: string | null;
  readonly model: string;
  readonly files: readonly ResultFile[];
}

/** A generation without a result to show. */
export type FailedOutcome =
  | { readonly kind: "deleted" }
  | { readonly kind: "canceled" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  /** `expiresAt` in epoch milliseconds. */
  | { readonly kind: "expired"; readonly expiresAt: number }
  | { readonly kind: "still_running" }
  /** Waiting failed; the generation goes on. */
  | { readonly kind: "wait_failed" };

export type Outcome = { readonly kind: "completed"; readonly result: GenerationResult } | FailedOutcome;

/** Reads the current outcome of a generation, even if its artwork shows a later one. */
async function outcomeOf(
  { deps, caller, links }: RequestScope,
  { generation }: ArtworkWithGeneration,
): Promise<Outcome> {
  const found = await findWithArtwork(deps, caller.owner, generation.id);
  if (found === null) return { kind: "deleted" };
  const view = await completeView(deps, found);
  switch (view.generation.status) {
    case "completed":
      return completedOutcome(view, links, deps.now());
    case "canceled":
      return { kind: "canceled" };
    case "failed":
      return failedOutcome(view.generation);
    case "queued":
    case "submitting":
    case "processing":
    case "storing":
      return { kind: "still_running" };
  }
}

function completedOutcome(view: ArtworkView, links: Links, now: number): Outcome {
  const { expiresAt, expiredAt } = view.generation;
  const isExpired = expiresAt !== null && (expiredAt !== null || now >= expiresAt);
  return isExpired ? { kind: "expired", expiresAt } : { kind: "completed", result: resultOf(view, links) };
}

const failedOutcome = ({ errorCode, errorMessage }: GenerationRow): Outcome => ({
  kind: "failed",
  code: errorCode ?? "provider_error",
  message: errorMessage ?? failure("provider_error").message,
});

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

function resultOf(view: ArtworkView, links: Links): GenerationResult {
  const { prompt, optimizedPrompt } = presentArtwork(view, links);
  return {
    id: view.artwork.id,
    prompt: textOf(prompt) ?? "",
    optimizedPrompt,
    model: view.generation.model,
    files: view.outputs.flatMap(({ state, key, contentType, width, height }) =>
      state === "stored" && key !== null && contentType !== null
        ? [{ url: `${links.media}/${key}`, key, contentType, width, height }]
        : [],
    ),
  };
}

export interface WaitOptions {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly gone: AbortSignal;
}

/**
 * Waits for the end of a generation, calls `onChange` for every change before it, and returns the outcome. A failure to
 * wait is an outcome too, because an error would invite a repetition. Never throws.
 */
export async function outcomeAfter(
  scope: RequestScope,
  made: ArtworkWithGeneration,
  wait: WaitOptions,
  onChange: (generation: GenerationRow) => void = () => undefined,
): Promise<Outcome> {
  try {
    for await (const { generation } of changesOf(scope.deps, made, wait)) onChange(generation);
    return await outcomeOf(scope, made);
  } catch (error) {
    scope.deps.log.error("outcome.wait_failed", { artworkId: made.artwork.id, ...describeError(error) });
    return { kind: "wait_failed" };
  }
}
