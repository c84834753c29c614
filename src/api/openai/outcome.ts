/** What became of a generation that somebody waits for: pictures, or an error that says where they may still be found. */
import { changesOf } from "../../domain/live/changes.ts";
import { failure } from "../../domain/failure.ts";
import { artworkUrls, presentArtwork } from "../../domain/artworks/present.ts";
import { findWithArtwork } from "../../domain/artworks/queries.ts";
import type { ArtworkWithGeneration, GenerationRow } from "../../domain/rows.ts";
import { isTerminal } from "../../domain/status.ts";
import { completeView } from "../../domain/artworks/views.ts";
import type { ArtworkView } from "../../domain/artworks/views.ts";
import { linksOf, originOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { problemBody } from "../../http/problem.ts";
import { describeError } from "../../lib/log.ts";
import { iso, SECOND } from "../../lib/time.ts";
import { LONGEST_HOLD } from "./keep-alive.ts";

/** A file that was made. */
export interface ResultFile {
  readonly url: string;
  /** In the bucket. */
  readonly key: string;
  readonly contentType: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** What answers show of an artwork. */
export interface GenerationResult {
  readonly id: string;
  readonly prompt: string;
  /** What the prompt was rewritten to, where it was. */
  readonly optimizedPrompt: string | null;
  readonly model: string;
  readonly files: readonly ResultFile[];
}

export interface ProviderProblem {
  readonly status: 400 | 404 | 504;
  readonly code: string;
  readonly message: string;
  readonly artworkId: string;
}

export type Outcome =
  | { readonly state: "made"; readonly made: GenerationResult }
  | { readonly state: "trouble"; readonly trouble: ProviderProblem };

/** Reads what has become of a generation now, whatever its artwork shows since. */
async function outcomeOf(c: AppContext, { artwork, generation }: ArtworkWithGeneration): Promise<Outcome> {
  const { deps, caller } = c.var;
  const found = await findWithArtwork(deps, caller.owner, generation.id);
  if (found === null) {
    const message = "The artwork was deleted.";
    return {
      state: "trouble",
      trouble: { status: 404, code: "not_found", message, artworkId: artwork.id },
    };
  }
  const view = await completeView(deps, found);
  if (view.generation.status !== "completed") return { state: "trouble", trouble: problemOf(c, view) };
  const expired = expiryOf(view.generation, deps.now());
  return expired === null
    ? { state: "made", made: resultOf(c, view) }
    : { state: "trouble", trouble: expired };
}

/** A result that is kept no more; null while it is there. */
function expiryOf({ artworkId, expiresAt, expiredAt }: GenerationRow, now: number): ProviderProblem | null {
  if (expiresAt === null || (expiredAt === null && now < expiresAt)) return null;
  const message = `The result was kept until ${iso(expiresAt)} and has expired. A new request makes a new one.`;
  return { status: 400, code: "result_expired", message, artworkId };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

function resultOf(c: AppContext, view: ArtworkView): GenerationResult {
  const links = linksOf(c);
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

/**
 * A failed job is answered 400, whoever failed: it was accepted and may have been paid, and there are clients that
 * repeat every 5xx without a mark and would pay again.
 */
function problemOf(c: AppContext, { artwork, generation }: ArtworkView): ProviderProblem {
  const { id: artworkId } = artwork;
  if (generation.status === "canceled") {
    return { status: 400, code: "canceled", message: "The generation was canceled.", artworkId };
  }
  if (isTerminal(generation.status)) {
    const code = generation.errorCode ?? "provider_error";
    const message = generation.errorMessage ?? failure("provider_error").message;
    return { status: 400, code, message, artworkId };
  }
  const message = `It was not ready within ${LONGEST_HOLD / SECOND} seconds. The job goes on and is paid for: fetch its result from ${statusUrl(c, artworkId)}.`;
  return { status: 504, code: "still_running", message, artworkId };
}

/** What is answered when waiting itself broke down. The job goes on. */
const brokenWait = (c: AppContext, artworkId: string): ProviderProblem => ({
  status: 400,
  code: "internal_error",
  message: `Something went wrong on our side while waiting. The job goes on and is paid for: fetch its result from ${statusUrl(c, artworkId)}.`,
  artworkId,
});

export interface WaitOptions {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly gone: AbortSignal;
}

/**
 * Waits for a generation's end, tells every change before it, and answers what became of it. What breaks down while
 * waiting must not look like a reason to ask again. Never throws.
 */
export async function outcomeAfter(
  c: AppContext,
  made: ArtworkWithGeneration,
  patience: WaitOptions,
  tell: (generation: GenerationRow) => void = () => undefined,
): Promise<Outcome> {
  const { id } = made.artwork;
  try {
    for await (const { generation } of changesOf(c.var.deps, made, patience)) tell(generation);
    return await outcomeOf(c, made);
  } catch (error) {
    c.var.deps.log.error("openai.wait_failed", { artworkId: id, ...describeError(error) });
    return { state: "trouble", trouble: brokenWait(c, id) };
  }
}

/** Where the state and the result of an accepted job can be fetched. */
export const statusUrl = (c: AppContext, artworkId: string): string =>
  artworkUrls(originOf(c), artworkId).status;

/** Codes that are about what was asked for; the others are about who was to make it. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  "canceled",
  "content_policy",
  "input_unreachable",
  "invalid_input_upstream",
  "not_found",
  "result_expired",
]);

/** The error of an accepted job. It names the artwork, so that what was paid for can be fetched later. */
export function problemBodyOf(c: AppContext, { status, code, message, artworkId }: ProviderProblem) {
  const body = problemBody(c, { code, title: "The generation gave no result", status, detail: message });
  const type = OF_THE_REQUEST.has(code) ? "invalid_request_error" : "server_error";
  const artwork = { id: artworkId, status_url: statusUrl(c, artworkId) };
  return { ...body, error: { ...body.error, type, artwork } };
}
