/** An artwork as OpenAI's video object. Pure. */
import * as z from "zod/mini";
import { originalPrompt } from "../../domain/artworks/present.ts";
import type { ArtworkWithGeneration, ArtworkRow, GenerationRow } from "../../domain/rows.ts";
import { isTerminal } from "../../domain/status.ts";
import { SECOND } from "../../lib/time.ts";
import { findModel } from "../../models/find-model.ts";
import type { Catalogue } from "../../models/find-model.ts";
import type { WireInput } from "../../models/model.ts";

/** Facts of a request of this API, stored under `openai` in the metadata of the artwork. */
const Memory = z.catch(z.object({ model: z.optional(z.string()), remixedFrom: z.optional(z.string()) }), {});
type Memory = z.infer<typeof Memory>;

export const remember = (memory: Memory): Record<string, unknown> =>
  Object.keys(memory).length === 0 ? {} : { openai: memory };

export const memoryOf = ({ metadata }: Pick<ArtworkRow, "metadata">): Memory =>
  Memory.parse(metadata["openai"]);

const STATUSES = {
  queued: "queued",
  submitting: "in_progress",
  processing: "in_progress",
  storing: "in_progress",
  completed: "completed",
  failed: "failed",
  canceled: "failed",
} as const satisfies Record<GenerationRow["status"], string>;

const CANCELED = { code: "canceled", message: "The video was canceled." };

function errorOf({ status, errorCode, errorMessage }: GenerationRow) {
  if (status === "canceled") return CANCELED;
  return errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" };
}

/** A whole percentage; 100 only when completed. */
const progressOf = ({ status, progress }: GenerationRow): number =>
  status === "completed" ? 100 : Math.min(99, Math.round((progress ?? 0) * 100));

const inSeconds = (milliseconds: number): number => Math.floor(milliseconds / SECOND);

const endedAt = ({ status, completedAt }: GenerationRow): number | null =>
  isTerminal(status) && completedAt !== null ? inSeconds(completedAt) : null;

/** The requested name of the model, unless a fallback model has replaced it. */
function nameOf(id: string, alias: string | undefined, catalogue: Catalogue): string {
  if (alias === undefined) return id;
  const meant = findModel(catalogue, alias);
  return meant !== null && [meant.id, meant.editModel].includes(id) ? alias : id;
}

/** The model's choice that an input makes; null when the provider chooses. */
function chosen(choices: Readonly<Record<string, WireInput>> = {}, input: WireInput): string | null {
  const holds = ([, wanted]: [string, WireInput]) =>
    Object.entries(wanted).every(([field, value]) => input[field] === value);
  return Object.entries(choices).find(holds)?.[0] ?? null;
}

export function presentVideo({ artwork, generation }: ArtworkWithGeneration, catalogue: Catalogue) {
  const model = findModel(catalogue, generation.model);
  const { model: alias, remixedFrom } = memoryOf(artwork);
  const { input, expiresAt } = generation;
  return {
    id: artwork.id,
    object: "video",
    model: nameOf(generation.model, alias, catalogue),
    status: STATUSES[generation.status],
    progress: progressOf(generation),
    created_at: inSeconds(artwork.createdAt),
    completed_at: endedAt(generation),
    expires_at: expiresAt === null ? null : inSeconds(expiresAt),
    seconds: chosen(model?.video?.seconds, input),
    size: chosen(model?.video?.sizes, input),
    prompt: originalPrompt(generation),
    error: errorOf(generation),
    remixed_from_video_id: remixedFrom ?? null,
  };
}
