import type { Served } from "./served.ts";
import { htmlPage } from "./answers.ts";
import { misbehave } from "./link-scenarios.ts";
import { ORIGIN_LINK_MS, RESULT_LINK_MS, drawResult, indexOfFile } from "./links.ts";
import { FORMATS } from "./images/formats.ts";
import { endOf } from "./progress.ts";
import type { Task } from "./task.ts";
import { countUp } from "./world.ts";
import type { World } from "./world.ts";

interface Wanted {
  readonly task: string;
  readonly file: string;
}

/** Answers a fetch of a result's own link, or of a download link to it: for 14 days, and as badly as the task's scenario asks. */
export async function serveResult(
  world: World,
  wanted: Wanted,
  request: Request,
  isDownload = false,
): Promise<Response> {
  const found = find(world, wanted, RESULT_LINK_MS);
  if (found === null) return notFound();
  const served = await draw(found.task, found.index, false);
  const fetches = countUp(found.task.fetches, found.index);
  return misbehave({ served, fetches, request, options: world.options, isDownload }) ?? plain(served);
}

/** Answers a fetch of a link beside the result: the original (ten minutes), the mirror, the forgery. */
export async function serveSide(
  world: World,
  wanted: Wanted,
  side: "origin" | "mirror" | "forged",
): Promise<Response> {
  const found = find(world, wanted, side === "origin" ? ORIGIN_LINK_MS : RESULT_LINK_MS);
  return found === null ? notFound() : plain(await draw(found.task, found.index, side === "forged"));
}

function find(world: World, wanted: Wanted, livesMs: number): { task: Task; index: number } | null {
  const task = world.byId.get(wanted.task);
  if (task === undefined || task.endsAt === null) return null;
  const age = world.options.now() - task.endsAt;
  if (age < 0 || age >= livesMs || endOf(task, world.options.origin).kind === "failed") return null;
  const index = indexOfFile(task, wanted.file);
  return index === null ? null : { task, index };
}

async function draw(task: Task, index: number, forged: boolean): Promise<Served> {
  const bytes = (await drawResult(task, index, forged)) ?? new Uint8Array();
  const contentType = FORMATS[task.order.results[index]?.format ?? "jpeg"].contentType;
  return {
    task,
    index,
    bytes,
    contentType,
    headers: { "Content-Type": contentType, "Content-Length": String(bytes.length) },
  };
}

function plain(served: Served): Response {
  return new Response(served.bytes, { headers: served.headers });
}

function notFound(): Response {
  return htmlPage(404, "Not Found");
}
