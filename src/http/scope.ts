/** What the dialects' shared code gets of a request, as plain values. */
import type { Links } from "../domain/artworks/present.ts";
import type { Caller } from "../domain/caller.ts";
import type { Deps } from "../domain/deps.ts";
import type { GenerationRow } from "../domain/rows.ts";
import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";

export interface RequestScope {
  readonly deps: Deps;
  readonly caller: Caller;
  /** Where the links of the response point. */
  readonly links: Links;
  /** Continues work after the response. */
  readonly background: (work: Promise<unknown>) => void;
}

/** Wakes the artwork's actor after the response. The request does not wait for it; the sweep covers a lost wake. */
export function wakeLater({ deps, background }: RequestScope, artworkId: string): void {
  background(
    deps.actors.wake(artworkId).catch((error: unknown) => {
      deps.log.error("wake.failed", { artworkId, ...describeError(error) });
    }),
  );
}

/** An alarm that is later than this is lost. */
const OVERDUE_AFTER = 10 * SECOND;

/** Wakes the actor of a generation whose step is overdue. */
export function wakeIfOverdue(scope: RequestScope, { artworkId, dueAt }: GenerationRow): void {
  if (dueAt !== null && dueAt + OVERDUE_AFTER < scope.deps.now()) wakeLater(scope, artworkId);
}
