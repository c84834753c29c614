import { NO_ACCESS, answer, htmlPage } from "./answers.ts";
import { LINK_PATHS } from "./links.ts";
import { serveResult } from "./results.ts";
import type { Task } from "./task.ts";
import { accountOf } from "./world.ts";
import type { World } from "./world.ts";

/** A download link is good for 20 minutes. */
const DOWNLOAD_LINK_MS = 20 * 60_000;

/** Where each family asks for one; the common path takes any result. */
export const DOWNLOAD_PATHS = {
  gpt4oImage: "/api/v1/gpt4o-image/download-url",
  common: "/api/v1/common/download-url",
} as const;

/** Answers with another link to a result, as a bare string. A URL of anybody else's is wrong. */
export async function makeDownloadLink(world: World, request: Request): Promise<Response> {
  const key = accountOf(world, request);
  if (key === null) return answer(NO_ACCESS);
  const { url, taskId } = (await request.json()) as { url?: unknown; taskId?: unknown };
  const isCommon = new URL(request.url).pathname === DOWNLOAD_PATHS.common;
  if (!isCommon && typeof taskId !== "string") return answer({ code: 500, msg: "taskId is required" });
  const found = typeof url === "string" ? resultAt(world, url) : null;
  if (found === null || (!isCommon && found.task.id !== taskId))
    return answer({ code: 422, msg: "url is wrong" });
  const path = LINK_PATHS.downloads.replace(":task", found.task.id).replace(":file", found.file);
  const until = world.options.now() + DOWNLOAD_LINK_MS;
  return answer({ code: 200, msg: "success", data: `${world.options.origin}${path}?until=${until}` });
}

function resultAt(world: World, url: string): { task: Task; file: string } | null {
  if (!url.startsWith(`${world.options.origin}/`)) return null;
  const [, kind, id = "", file = ""] = new URL(url).pathname.split("/");
  const task = world.byId.get(id);
  return task !== undefined && (kind === "results" || kind === "downloads") ? { task, file } : null;
}

/** Answers a fetch of such a link. A file that is bad or gone for ever is no better here. */
export async function serveDownloadLink(
  world: World,
  wanted: { task: string; file: string },
  request: Request,
): Promise<Response> {
  const until = Number(new URL(request.url).searchParams.get("until"));
  return world.options.now() < until
    ? await serveResult(world, wanted, request, true)
    : htmlPage(403, "Forbidden");
}
