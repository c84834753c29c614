import { isRefusal } from "../../domain/refusal.ts";
import { refused } from "../../domain/requests/idempotency.ts";
import type { Requested } from "../../domain/requests/idempotency.ts";
import { scopeOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { preferredWait } from "../../http/prefer.ts";
import { readRepetition } from "../../http/repetition.ts";
import { acceptRequest } from "../shared/accept-request.ts";
import type { SpendingRequest } from "../shared/accept-request.ts";
import { sendAccepted } from "../shared/send-accepted.ts";
import { presentVideo } from "./video-object.ts";
import { inVideoFields } from "./video-request.ts";

/** Accepts a request that makes a video: 200 with the video object, like OpenAI, while the work continues. */
export async function acceptVideo(
  c: AppContext,
  { route, record }: Pick<SpendingRequest, "route" | "record">,
): Promise<Response> {
  const repetition = readRepetition(c);
  if (isRefusal(repetition)) return refuse(c, repetition);
  const scope = scopeOf(c);
  const result = await acceptRequest(scope, {
    route,
    repetition,
    wait: preferredWait(c.req.header("Prefer")),
    record: async (idempotency) => withVideoFields(await record(idempotency)),
    respond: async (made) => ({
      status: 200,
      location: `${scope.links.origin}/v1/videos/${made.artwork.id}`,
      body: JSON.stringify(presentVideo(made, scope.deps)),
    }),
  });
  return result.kind === "refused" ? refuse(c, result.refusal) : sendAccepted(result);
}

const withVideoFields = (requested: Requested): Requested =>
  requested.kind === "refused" ? refused(inVideoFields(requested.refusal)) : requested;
