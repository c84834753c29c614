import type { Context } from "hono";
import type { Config } from "../env.ts";
import type { Env } from "../bindings.ts";
import type { Deps } from "../domain/deps.ts";
import { linksAt } from "../domain/artworks/present.ts";
import type { Links } from "../domain/artworks/present.ts";
import type { Caller } from "../domain/caller.ts";
import type { GenerationRow } from "../domain/rows.ts";
import { SECOND } from "../lib/time.ts";

/** What every handler finds in its context. */
export interface AppEnv {
  readonly Bindings: Env;
  readonly Variables: {
    requestId: string;
    config: Config;
    deps: Deps;
    /** When the request came. */
    arrivedAt: number;
    /** Set below the line in app.ts. */
    caller: Caller;
  };
}

export type AppContext = Context<AppEnv>;

/** Origin of the request: under which this API was reached. */
export const originOf = (c: AppContext): string => new URL(c.req.url).origin;

/** Where this answer's links point. */
export const linksOf = (c: AppContext): Links => linksAt(c.var.deps, originOf(c));

/** Has the artwork's actor look now, after the answer: the request does not wait for it, and the sweep is the net. */
export function wakeLater(c: AppContext, artworkId: string): void {
  const { deps } = c.var;
  const kick = deps.actors.wake(artworkId).catch((error: unknown) => {
    deps.log.error("kick.failed", { artworkId, error: String(error) });
  });
  c.executionCtx.waitUntil(kick);
}

/** An alarm that is late by more than this has been lost. */
const OVERDUE_AFTER = 10 * SECOND;

/** Whoever reads a generation that should have been looked at long ago has its actor look. */
export function wakeIfOverdue(c: AppContext, { artworkId, dueAt }: GenerationRow): void {
  if (dueAt !== null && dueAt + OVERDUE_AFTER < c.var.deps.now()) wakeLater(c, artworkId);
}
