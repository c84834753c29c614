import * as z from "zod/mini";
import type { WireInput } from "../../models/model.ts";
import { inputsUnreachable } from "../failure.ts";
import type { Failure } from "../failure.ts";
import * as schedule from "./schedule.ts";
import type { Deps } from "../deps.ts";
import { updateGeneration } from "../generations/transitions.ts";
import type { GenerationRow } from "../rows.ts";
import { uploadsOf } from "../uploads/upload-rows.ts";
import { isUploadId, linkOf, imagesOf, replaceUploads } from "../uploads/uploads.ts";

/** `unreachable`: for good. `transient`: a later try may succeed. Nothing was sent to the provider. */
export type ResolvedInput =
  | { readonly state: "ready"; readonly input: WireInput }
  | { readonly state: "unreachable"; readonly failure: Failure }
  | { readonly state: "transient" };

const InputImages = z.object({
  images: z.catch(z.optional(z.array(z.string())), []),
  mask: z.catch(z.optional(z.string()), undefined),
});

const REASONS = {
  gone: "it is no longer there; upload it again",
  refused: "the configured upload host does not take it",
} as const;

/**
 * The input as it is sent: URLs that the provider can fetch now replace the uploads that the request names.
 * The row keeps their ids, because links expire while a job is queued.
 */
export async function resolveInputs(deps: Deps, row: GenerationRow): Promise<ResolvedInput> {
  const named = imagesOf(InputImages.parse(row.request)).map(({ image }) => image);
  const ids = [...new Set(named.filter(isUploadId))];
  if (ids.length === 0) return { state: "ready", input: row.input };
  const uploads = (await uploadsOf(deps, ids)).filter((upload) => upload.owner === row.owner);
  if (uploads.length < ids.length) return { state: "unreachable", failure: inputsUnreachable(REASONS.gone) };
  const urls = new Map<string, string>();
  for (const upload of uploads) {
    // oxlint-disable-next-line no-await-in-loop -- a host may need the bytes, and one image in memory is enough
    const linked = await linkOf(deps, upload);
    if (linked.ok) urls.set(upload.id, linked.url);
    else if (linked.problem === "transient") return { state: "transient" };
    else return { state: "unreachable", failure: inputsUnreachable(REASONS[linked.problem]) };
  }
  return { state: "ready", input: replaceUploads(row.input, urls) };
}

/** An uploaded image has no working link at the moment. Nothing is sent until it has one. */
export async function waitForInputs(deps: Deps, row: GenerationRow): Promise<void> {
  await updateGeneration(deps, row, {
    inputTries: row.inputTries + 1,
    dueAt: Math.min(schedule.nextInputTryAt(row, deps.now()), row.deadlineAt),
  });
}
