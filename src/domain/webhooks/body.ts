/** The body of a delivery: `{type, timestamp, data}`, small enough for every receiver. */
import type { PresentedArtwork } from "../artworks/present.ts";
import { iso } from "../../lib/time.ts";
import { linksAt, presentArtwork } from "../artworks/present.ts";
import type { Deps } from "../deps.ts";
import { artworkOfGeneration } from "../generations/queries.ts";
import { completeView } from "../artworks/views.ts";
import type { DeliveryRow } from "../rows.ts";
import { sampleArtwork } from "./sample.ts";

/** What Standard Webhooks recommends at most, by the smaller of its two readings. */
const MOST_BYTES = 20_000;
const PROMPT_CHARACTERS = 1_000;

/**
 * What is left out of an artwork that is too large, one after the other until it fits. The last ones are for what no
 * model makes; after them only ids, times and URLs of this service are left.
 */
const LEFT_OUT: readonly (readonly [string, (artwork: PresentedArtwork) => PresentedArtwork])[] = [
  ["metadata", (artwork) => ({ ...artwork, metadata: {} })],
  ["generation.attempts", (artwork) => withGeneration(artwork, { attempts: [] })],
  ["generation.input", (artwork) => withGeneration(artwork, { input: {} })],
  ["prompt", (artwork) => ({ ...artwork, prompt: beginningOf(artwork.prompt) })],
  ["generation.outputs", (artwork) => withGeneration(artwork, { outputs: [] })],
  ["generation.missing", (artwork) => withGeneration(artwork, { missing: [] })],
  ["outputs", (artwork) => ({ ...artwork, outputs: [] })],
  ["generation.error", (artwork) => withGeneration(artwork, { error: null })],
];

const withGeneration = (
  artwork: PresentedArtwork,
  change: Partial<PresentedArtwork["generation"]>,
): PresentedArtwork => ({ ...artwork, generation: { ...artwork.generation, ...change } });

const beginningOf = (prompt: PresentedArtwork["prompt"]): PresentedArtwork["prompt"] =>
  typeof prompt === "string" ? `${prompt.slice(0, PROMPT_CHARACTERS)}…` : null;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** A notice as JSON. `data.leftOut` names what had to go, where something had to. Pure. */
export function noticeBody(type: string, at: number, artwork: PresentedArtwork): string {
  const write = (data: object) => JSON.stringify({ type, timestamp: iso(at), data });
  let text = write(artwork);
  let data = artwork;
  const leftOut: string[] = [];
  for (const [name, leave] of LEFT_OUT) {
    if (bytesOf(text) <= MOST_BYTES) return text;
    data = leave(data);
    leftOut.push(name);
    text = write({ ...data, leftOut });
  }
  return text;
}

/** The body of a delivery, from what is on record now; null when its artwork is there no more. */
export async function renderBody(deps: Deps, delivery: DeliveryRow): Promise<string | null> {
  const { type, createdAt, generationId } = delivery;
  if (generationId === null) return noticeBody(type, createdAt, sampleArtwork(createdAt));
  const found = await artworkOfGeneration(deps, generationId);
  if (found === null) return null;
  const view = await completeView(deps, found);
  return noticeBody(type, createdAt, presentArtwork(view, linksAt(deps, found.generation.origin)));
}
