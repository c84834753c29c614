import { iso } from "../../lib/time.ts";
import type { Change } from "../ports/changes.ts";
import type { Deps } from "../deps.ts";
import { linksAt, presentArtwork } from "./present.ts";
import { artworkOfGeneration } from "../generations/queries.ts";
import { completeView } from "./views.ts";

/** A notice of a change: its type, its time, and the artwork as it is now. */
export interface Notice {
  readonly type: string;
  readonly timestamp: string | null;
  readonly data: ReturnType<typeof presentArtwork>;
}

/**
 * The notice of a generation's change, with that very generation, also when there is a newer one by now, and with links of the origin
 * that it was requested by; null when the artwork is gone.
 */
export async function noticeOf(deps: Deps, { generation }: Change): Promise<Notice | null> {
  const found = generation === null ? null : await artworkOfGeneration(deps, generation.id);
  if (generation === null || found === null || found.artwork.deletedAt !== null) return null;
  return {
    type: `artwork.${generation.status}`,
    timestamp: iso(generation.completedAt ?? deps.now()),
    data: presentArtwork(await completeView(deps, found), linksAt(deps, generation.origin)),
  };
}
