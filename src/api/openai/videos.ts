/** OpenAI's Videos API. A video is an artwork that is a film, under the artwork's own id. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { deleteArtwork } from "../../domain/artworks/delete.ts";
import { videoNotFound, videoPage, findVideo, notCompleted } from "../../domain/artworks/videos.ts";
import { requestRemix } from "../../domain/requests/remix.ts";
import type { StoredAnswer } from "../../domain/requests/idempotency.ts";
import { fieldIssuesOf, planRequest } from "../../domain/requests/plan.ts";
import { RequestBody } from "../../lib/request-body.ts";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { isRefusal, refuseFields } from "../../domain/refusal.ts";
import { requestGeneration } from "../../domain/requests/request.ts";
import type { Requested } from "../../domain/requests/request.ts";
import { isTerminal } from "../../domain/status.ts";
import { deleteUpload, receiveUpload } from "../../domain/uploads/uploads.ts";
import { viewGeneration } from "../../domain/artworks/views.ts";
import { wakeIfOverdue, wakeLater, originOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { jsonOrForm } from "../../http/form.ts";
import { acceptOnce } from "../shared/accept-once.ts";
import { ARTWORK } from "../../http/paths.ts";
import { problem, refuse } from "../../http/problem.ts";
import { storedFile } from "../../http/stored-file.ts";
import { query } from "../../http/validate.ts";
import { memoryOf, presentVideo, remember } from "./video-object.ts";
import { inVideoWords, readVideoRequest } from "./video-request.ts";
import type { VideoRequest } from "./video-request.ts";

export const videos = new Hono<AppEnv>();

const present = (c: AppContext, found: ArtworkWithGeneration) => presentVideo(found, c.var.deps);

/** The answer to a recorded request: like OpenAI's own it is 200, and the work goes on after it. */
const created = async (c: AppContext, made: ArtworkWithGeneration): Promise<StoredAnswer> => ({
  status: 200,
  location: `${originOf(c)}/v1/videos/${made.artwork.id}`,
  body: JSON.stringify(present(c, made)),
});

videos.post("/", jsonOrForm(RequestBody), async (c) => {
  const { deps } = c.var;
  const request = readVideoRequest(deps, c.req.valid("json"));
  if (isRefusal(request)) return refuse(c, inVideoWords(request));
  // All that is wrong is told at once, and before a picture is taken in.
  const images = request.picture === null ? {} : { images: ["upl_"] };
  const planned = planRequest(deps, { ...request.request, ...images }, request.issues, new Map());
  const issues = fieldIssuesOf(planned);
  // A model or credential that is gone today does not matter here: the request may repeat one that was accepted.
  return issues.length > 0 ? refuse(c, inVideoWords(refuseFields(issues))) : await create(c, request);
});

async function create(c: AppContext, request: VideoRequest): Promise<Response> {
  const { deps, caller } = c.var;
  const origin = originOf(c);
  const stream = request.picture?.stream();
  const upload = stream === undefined ? null : await receiveUpload(deps, caller, { stream, origin });
  if (upload !== null && isRefusal(upload)) return refuse(c, inVideoWords(upload));
  const images = upload === null ? {} : { images: [upload.id] };
  const metadata = remember(request.alias === null ? {} : { model: request.alias });
  const body = { ...request.request, ...images, metadata };
  return await acceptOnce(
    c,
    "videos",
    async (idempotency) => {
      const requested = await requestGeneration(deps, caller, {
        body,
        origin,
        idempotency,
      });
      // An equal request has brought the same picture before, or nobody will use it.
      if (upload !== null && !isNew(requested)) await deleteUpload(deps, caller, upload.id);
      return isRefusal(requested) ? inVideoWords(requested) : requested;
    },
    created,
  );
}

const isNew = (requested: Requested): boolean =>
  !isRefusal(requested) && !("replay" in requested) && !("isJoined" in requested);

const ListQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20),
  after: z.optional(z.string().check(z.regex(/^art_[0-9a-z]{1,100}$/, "must be the id of a video"))),
  order: z._default(z.enum(["asc", "desc"]), "desc"),
});

videos.get("/", query(ListQuery), async (c) => {
  const filter = c.req.valid("query");
  const rows = await videoPage(c.var.deps, c.var.caller.owner, filter);
  const data = rows.slice(0, filter.limit).map((row) => present(c, row));
  return c.json({
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rows.length > filter.limit,
  });
});

/** Films take minutes; OpenAI's clients that poll go by the second of these. */
const ASK_AGAIN = { "Retry-After": "5", "openai-poll-after-ms": "5000" };

videos.get(ARTWORK, async (c) => {
  const found = await findVideo(c.var.deps, c.var.caller.owner, c.req.param("id"));
  if (found === null) return refuse(c, videoNotFound);
  wakeIfOverdue(c, found.generation);
  const pace = isTerminal(found.generation.status) ? {} : ASK_AGAIN;
  return c.json(present(c, found), 200, { "Cache-Control": "no-store", ...pace });
});

videos.delete(ARTWORK, async (c) => {
  const { deps, caller } = c.var;
  const id = c.req.param("id");
  const found = await findVideo(deps, caller.owner, id);
  const refusal = found === null ? videoNotFound : await deleteArtwork(deps, caller, id);
  if (refusal !== null) return refuse(c, refusal);
  wakeLater(c, id);
  return c.json({ id, object: "video.deleted", deleted: true });
});

const ContentQuery = z.strictObject({
  variant: z._default(z.enum(["video", "thumbnail", "spritesheet"]), "video"),
});

/** A regenerate gives the same path other bytes: who has some asks whether they are still the ones. */
const CONTENT_HEADERS = { "Cache-Control": "private, no-cache" };

videos.get(`${ARTWORK}/content`, query(ContentQuery), async (c) => {
  const { deps, caller } = c.var;
  const found = await findVideo(deps, caller.owner, c.req.param("id"));
  if (found === null) return refuse(c, videoNotFound);
  const { variant } = c.req.valid("query");
  if (variant !== "video") {
    const detail = `There is no ${variant} of a video here: the video itself is all that is kept.`;
    return problem(c, { code: "not_found", detail });
  }
  const refusal = notCompleted(found.generation);
  if (refusal !== null) return refuse(c, refusal);
  const { outputs } = await viewGeneration(deps, found.generation);
  const key = outputs.find(({ state }) => state === "stored")?.key ?? null;
  const file = key === null ? null : await storedFile(c, key, () => CONTENT_HEADERS);
  return file ?? problem(c, { code: "not_found", detail: "The bytes of this video are gone." });
});

const RemixBody = z.strictObject({
  prompt: z.string().check(z.trim(), z.minLength(1, "must not be empty")),
});

videos.post(`${ARTWORK}/remix`, jsonOrForm(RemixBody), async (c) => {
  const artworkId = c.req.param("id");
  const { prompt } = c.req.valid("json");
  const asked = { artworkId, prompt, metadata: rememberSource, origin: originOf(c) };
  return await acceptOnce(
    c,
    `videos remix ${artworkId}`,
    async (idempotency) => {
      const requested = await requestRemix(c.var.deps, c.var.caller, { ...asked, idempotency });
      return isRefusal(requested) ? inVideoWords(requested) : requested;
    },
    created,
  );
});

const rememberSource = ({ artwork }: ArtworkWithGeneration) =>
  remember({ ...memoryOf(artwork), remixedFrom: artwork.id });

videos.on("POST", ["/edits", "/extensions", "/characters"], (c) => {
  const detail =
    "The provider takes no films, to edit or to go on with. A remix makes a new one: POST /v1/videos/{id}/remix.";
  return problem(c, { code: "not_found", detail });
});
