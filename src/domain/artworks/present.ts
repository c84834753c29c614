/** Rows as JSON: the Artwork and Generation of the contract. Pure. */
import { iso } from "../../lib/time.ts";
import { isRetryable, lossReason } from "../failure.ts";
import type { Deps } from "../deps.ts";
import { isTerminal } from "../status.ts";
import type { EventRow, GenerationRow, OutputRow, UploadRow } from "../rows.ts";
import { KEPT_UNUSED } from "../uploads/upload-rows.ts";
import { trustedLink } from "../uploads/uploads.ts";
import type { ArtworkView, Expiry, GenerationView } from "./views.ts";

export interface Links {
  /** Origin of this API. */
  readonly origin: string;
  /** Base under which the keys of stored files are served, without a slash at its end. */
  readonly media: string;
}

/** Where links point when this API was reached at `origin`. */
export const linksAt = ({ settings }: Pick<Deps, "settings">, origin: string): Links => ({
  origin,
  media: settings.mediaBase ?? `${origin}/media`,
});

/** URLs of an artwork's own resources. */
export function artworkUrls(origin: string, artworkId: string) {
  const self = `${origin}/api/artworks/${artworkId}`;
  return {
    self,
    status: `${self}/generation-status`,
    events: `${self}/events`,
    ws: `${self.replace(/^http/, "ws")}/ws`,
    regenerate: `${self}/regenerate`,
    cancel: `${self}/cancel`,
    generations: `${self}/generations`,
    timeline: `${self}/timeline`,
  };
}

const presentOutputs = (outputs: readonly OutputRow[], links: Links) =>
  outputs
    .filter((output) => output.state === "stored")
    .map(({ id, key, contentType, bytes, sha256, width, height }) => ({
      id,
      url: `${links.media}/${key}`,
      contentType,
      bytes,
      sha256,
      width,
      height,
    }));

/** Results that could not be stored, by their position. */
const presentMissing = (outputs: readonly OutputRow[]) =>
  outputs
    .filter((output) => output.state === "lost")
    .map((output) => ({ position: output.position, reason: lossReason(output) }));

/** `image` or `video`. A model that makes either is `any` until its first file is stored. */
const presentKind = (kind: GenerationRow["kind"], outputs: readonly OutputRow[]) =>
  kind === "any"
    ? (outputs.find((output) => output.contentType !== null)?.contentType?.split("/")[0] ?? kind)
    : kind;

const presentError = ({ errorCode, errorMessage }: GenerationRow) =>
  errorCode === null ? null : { code: errorCode, message: errorMessage, retryable: isRetryable(errorCode) };

/** An attempt with another model that failed before this one took over. */
const presentAttempt = ({ number, model, code, message, ...rest }: GenerationRow["attempts"][number]) => ({
  number,
  model,
  error: { code, message, retryable: isRetryable(code) },
  credits: { used: rest.creditsUsed },
  submittedAt: iso(rest.submittedAt),
  endedAt: iso(rest.endedAt),
});

export function presentGeneration({ generation, outputs }: GenerationView, links: Links) {
  return {
    id: generation.id,
    object: "generation",
    artworkId: generation.artworkId,
    number: generation.number,
    status: generation.status,
    terminal: isTerminal(generation.status),
    progress: generation.progress,
    model: generation.model,
    kind: presentKind(generation.kind, outputs),
    input: generation.input,
    // A copy that a cancel overtook may be on record for a moment.
    outputs: generation.status === "completed" ? presentOutputs(outputs, links) : [],
    missing: presentMissing(outputs),
    error: presentError(generation),
    attempts: generation.attempts.map(presentAttempt),
    credits: { estimated: generation.creditsEstimated, used: generation.creditsUsed },
    promptOptimization: presentOptimization(generation),
    createdAt: iso(generation.createdAt),
    submittedAt: iso(generation.submittedAt),
    completedAt: iso(generation.completedAt),
    deadlineAt: iso(generation.deadlineAt),
    ...presentExpiry(generation),
  };
}

/** The outcome of rewriting the prompt. The prompt that was sent is in `input`. */
const presentOptimization = ({ optimization }: GenerationRow) =>
  optimization && { status: optimization.status, message: optimization.message };

/** Until when results are kept, and since when they are gone; nulls where they are kept, or still there. */
const presentExpiry = ({ expiresAt, expiredAt }: Expiry) => ({
  expiresAt: iso(expiresAt),
  expiredAt: iso(expiredAt),
});

/** The caller's own words, in whichever spelling they came. */
export const originalPrompt = ({ request, optimization, input }: GenerationRow): unknown =>
  request["prompt"] ?? optimization?.original ?? input["prompt"] ?? null;

export function presentArtwork(view: ArtworkView, links: Links) {
  const { artwork, generation, shown } = view;
  return {
    id: artwork.id,
    object: "artwork",
    status: artwork.status,
    title: artwork.title,
    metadata: artwork.metadata,
    prompt: originalPrompt(generation),
    optimizedPrompt: generation.optimization?.prompt ?? null,
    model: artwork.model,
    kind: presentKind(generation.kind, view.outputs),
    outputs: presentOutputs(shown, links),
    generation: presentGeneration(view, links),
    createdAt: iso(artwork.createdAt),
    updatedAt: iso(artwork.updatedAt),
    ...presentExpiry(view.expiry),
    urls: artworkUrls(links.origin, artwork.id),
  };
}

export const presentEvent = ({ sequence, type, at, data }: EventRow) => ({
  id: sequence,
  type,
  at: iso(at),
  data,
});

/** An upload with the URL from which the provider can fetch it now. */
export const presentUpload = (row: UploadRow, links: Links, now: number) => ({
  id: row.id,
  object: "upload",
  url: trustedLink(row, now) ?? `${links.media}/${row.key}`,
  contentType: row.contentType,
  bytes: row.bytes,
  sha256: row.sha256,
  width: row.width,
  height: row.height,
  createdAt: iso(row.createdAt),
  expiresAt: iso(row.lastUsedAt + KEPT_UNUSED),
});

export type PresentedArtwork = ReturnType<typeof presentArtwork>;
