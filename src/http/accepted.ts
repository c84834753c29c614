import { artworkUrls, presentArtwork } from "../generation/present.ts";
import type { ArtworkWithNewest } from "../generation/queries.ts";
import { isTerminal } from "../generation/state.ts";
import { completeView, viewArtwork } from "../generation/views.ts";
import { waitFor } from "../generation/wait.ts";
import { SECOND } from "../lib/time.ts";
import { kickLater, linksOf, originOf } from "./context.ts";
import type { AppContext } from "./context.ts";

/** The longest that an answer is held, in seconds: what proxies on the way will stand. */
export const LONGEST_WAIT = 60;

/** Seconds of `Prefer: wait=n` (RFC 7240), at most `LONGEST_WAIT`; null when there is none. */
function preferredWait(header: string | undefined): number | null {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? "");
  return match === null ? null : Math.min(Number(match[1]), LONGEST_WAIT);
}

/** Answers a recorded request: 202 with the artwork and where to look; 200 when `Prefer: wait` saw it end. */
export async function answerAccepted(c: AppContext, made: ArtworkWithNewest): Promise<Response> {
  const { artwork, generation } = made;
  const Location = artworkUrls(originOf(c), artwork.id).status;
  kickLater(c, artwork.id);
  const wait = preferredWait(c.req.header("Prefer"));
  if (wait === null) {
    const view = await completeView(c.var.deps, made);
    return c.json(presentArtwork(view, linksOf(c)), 202, { Location });
  }
  const last = await waitFor(c.var.deps, generation, { until: "end", milliseconds: wait * SECOND });
  const view =
    (await viewArtwork(c.var.deps, artwork.owner, artwork.id)) ?? (await completeView(c.var.deps, made));
  const headers = { Location, "Preference-Applied": `wait=${wait}` };
  return c.json(presentArtwork(view, linksOf(c)), isTerminal(last.status) ? 200 : 202, headers);
}
