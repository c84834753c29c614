import { Hono } from "hono";
import * as z from "zod/mini";
import { changeTag } from "../../domain/generations/publish.ts";
import { presentGeneration } from "../../domain/artworks/present.ts";
import { newestGeneration } from "../../domain/artworks/queries.ts";
import { artworkNotFound } from "../../domain/refusal.ts";
import { isTerminal } from "../../domain/status.ts";
import type { GenerationRow } from "../../domain/rows.ts";
import { viewGeneration } from "../../domain/artworks/views.ts";
import { waitFor } from "../../domain/live/wait.ts";
import { linksOf, scopeOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { LONGEST_WAIT } from "../../http/prefer.ts";
import { matchesEtag } from "../../http/ranges.ts";
import { ARTWORK } from "../../http/paths.ts";
import { wakeIfOverdue } from "../../http/scope.ts";
import { query } from "../../http/validate.ts";
import { SECOND } from "../../lib/time.ts";

export const generationStatus = new Hono<AppEnv>();

const StatusQuery = z.strictObject({
  wait: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(LONGEST_WAIT))),
});

generationStatus.get(`${ARTWORK}/generation-status`, query(StatusQuery), async (c) => {
  const { deps, caller } = c.var;
  const found = await newestGeneration(deps, caller.owner, c.req.param("id"));
  if (found === null) return refuse(c, artworkNotFound);
  wakeIfOverdue(scopeOf(c), found);
  const { wait } = c.req.valid("query");
  const generation =
    wait === undefined || isNewToClient(c, found)
      ? found
      : await waitFor(deps, found, { until: "change", milliseconds: wait * SECOND });
  return await answerStatus(c, generation);
});

const etagOf = (generation: GenerationRow): string => `"${changeTag(generation)}"`;

/** Whether the client names an older version; then it need not wait. */
function isNewToClient(c: AppContext, generation: GenerationRow): boolean {
  const known = c.req.header("If-None-Match") ?? null;
  return known !== null && !matchesEtag(known, etagOf(generation));
}

/** Seconds until the next poll by the client. */
const RETRY_AFTER = { image: "2", video: "5", any: "5" } as const;

async function answerStatus(c: AppContext, generation: GenerationRow): Promise<Response> {
  const ETag = etagOf(generation);
  const headers = {
    ETag,
    "Cache-Control": "no-store",
    ...(isTerminal(generation.status) ? {} : { "Retry-After": RETRY_AFTER[generation.kind] }),
  };
  if (matchesEtag(c.req.header("If-None-Match") ?? null, ETag)) return c.body(null, 304, headers);
  const view = await viewGeneration(c.var.deps, generation);
  return c.json(presentGeneration(view, linksOf(c)), 200, headers);
}
