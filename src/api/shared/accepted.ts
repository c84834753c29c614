import type { StoredAnswer } from "../../domain/requests/idempotency.ts";
import { artworkUrls, presentArtwork } from "../../domain/artworks/present.ts";
import { findArtwork } from "../../domain/artworks/queries.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { isTerminal } from "../../domain/status.ts";
import { completeView } from "../../domain/artworks/views.ts";
import { waitFor } from "../../domain/live/wait.ts";
import { SECOND } from "../../lib/time.ts";
import { linksOf, originOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";

/** The longest that an answer is held, in seconds: what proxies on the way will stand. */
export const LONGEST_WAIT = 60;

/** Seconds of `Prefer: wait=n` (RFC 7240), at most `LONGEST_WAIT`; null when there is none. */
export function preferredWait(header: string | undefined): number | null {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? "");
  return match === null ? null : Math.min(Number(match[1]), LONGEST_WAIT);
}

/** The answer to a recorded request as it is now: 202 with the artwork, 200 once it has ended. */
export async function acceptedAnswer(c: AppContext, made: ArtworkWithGeneration): Promise<StoredAnswer> {
  const view = await completeView(c.var.deps, made);
  return {
    status: isTerminal(made.generation.status) ? 200 : 202,
    location: artworkUrls(originOf(c), made.artwork.id).status,
    body: JSON.stringify(presentArtwork(view, linksOf(c))),
  };
}

/** How a recorded request is answered as it is now. */
export type AnswerOf = (c: AppContext, made: ArtworkWithGeneration) => Promise<StoredAnswer>;

/** Holds for what `Prefer: wait` asked, at most, and answers the artwork as it is then. */
export async function pendingAnswer(
  c: AppContext,
  { artwork, generation }: ArtworkWithGeneration,
  seconds: number,
  answerOf: AnswerOf,
): Promise<StoredAnswer> {
  const { deps } = c.var;
  const last = await waitFor(deps, generation, { until: "end", milliseconds: seconds * SECOND });
  const current = await findArtwork(deps, artwork.owner, artwork.id);
  return await answerOf(c, current ?? { artwork, generation: last });
}
