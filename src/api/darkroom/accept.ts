import { artworkUrls, presentArtwork } from "../../domain/artworks/present.ts";
import { completeView } from "../../domain/artworks/views.ts";
import { isRefusal } from "../../domain/refusal.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { isTerminal } from "../../domain/status.ts";
import { scopeOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { preferredWait } from "../../http/prefer.ts";
import { readRepetition } from "../../http/repetition.ts";
import type { RequestScope } from "../../http/scope.ts";
import { acceptRequest } from "../shared/accept-request.ts";
import type { SpendingRequest } from "../shared/accept-request.ts";
import { sendAccepted } from "../shared/send-accepted.ts";
import type { StoredResponse } from "../shared/stored-response.ts";

/** Accepts a request that makes a generation: 202 with the artwork, or 200 when `Prefer: wait` covers its end. */
export async function accept(
  c: AppContext,
  { route, record }: Pick<SpendingRequest, "route" | "record">,
): Promise<Response> {
  const repetition = readRepetition(c);
  if (isRefusal(repetition)) return refuse(c, repetition);
  const scope = scopeOf(c);
  const wait = preferredWait(c.req.header("Prefer"));
  const respond = (made: ArtworkWithGeneration) => artworkResponse(scope, made);
  const result = await acceptRequest(scope, { route, repetition, wait, record, respond });
  return result.kind === "refused" ? refuse(c, result.refusal) : sendAccepted(result);
}

async function artworkResponse(
  { deps, links }: RequestScope,
  made: ArtworkWithGeneration,
): Promise<StoredResponse> {
  const view = await completeView(deps, made);
  return {
    status: isTerminal(made.generation.status) ? 200 : 202,
    location: artworkUrls(links.origin, made.artwork.id).status,
    body: JSON.stringify(presentArtwork(view, links)),
  };
}
