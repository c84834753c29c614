import { iso } from "../lib/time.ts";
import type { Change, Deps } from "./ports.ts";
import { linksAt, presentArtwork } from "./present.ts";
import { viewArtwork } from "./views.ts";

/** Word of a change for who is not asking: what happened, when, and the artwork as it is now. */
export interface Notice {
  readonly type: string;
  readonly timestamp: string | null;
  readonly data: ReturnType<typeof presentArtwork>;
}

/** The notice of a generation's change, with links of the origin that it was requested by; null when the artwork is gone. */
export async function noticeOf(deps: Deps, { owner, artworkId, generation }: Change): Promise<Notice | null> {
  const view = generation === null ? null : await viewArtwork(deps, owner, artworkId);
  if (generation === null || view === null) return null;
  return {
    type: `artwork.${generation.status}`,
    timestamp: iso(generation.completedAt ?? deps.now()),
    data: presentArtwork(view, linksAt(deps, generation.origin)),
  };
}
