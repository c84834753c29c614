import { FORMATS } from "./images/formats.ts";
import type { Task } from "./task.ts";

/** Result links live 14 days, the link to the original image ten minutes, counted from the task's end. */
export const RESULT_LINK_MS = 14 * 24 * 3_600_000;
export const ORIGIN_LINK_MS = 10 * 60_000;

/** The paths under which images are served. All need no key; only `results` has expiry and scenarios. */
export const LINK_PATHS = {
  results: "/results/:task/:file",
  origins: "/origins/:task/:file",
  /** Where `link-redirect` leads: the true result. */
  mirror: "/mirror/:task/:file",
  /** What a download link leads to: the true result, for 20 minutes. */
  downloads: "/downloads/:task/:file",
  /** What `callback-wrong-url` claims: a valid image that is not the result. */
  forged: "/forged/:task/:file",
} as const;

/** The links a status read gives right now. */
export function resultLinks(task: Task, origin: string): readonly string[] {
  const edition = task.scenario.has("link-expired") ? `?token=${task.linkEdition}` : "";
  return task.order.results.map(
    (_, index) => `${origin}/results/${task.id}/${fileName(task, index)}${edition}`,
  );
}

/** The short-lived link to what the model drew before it was copied. */
export function originLink(task: Task, origin: string): string {
  return `${origin}/origins/${task.id}/${fileName(task, 0)}`;
}

/** The other links of a result, by the path they live under. */
export function sideLinks(task: Task, origin: string, side: "mirror" | "forged"): readonly string[] {
  return task.order.results.map((_, index) => `${origin}/${side}/${task.id}/${fileName(task, index)}`);
}

/** Which of the task's results a file name means, or null. */
export function indexOfFile(task: Task, file: string): number | null {
  const index = task.order.results.findIndex((_, candidate) => fileName(task, candidate) === file);
  return index === -1 ? null : index;
}

/** The bytes of a result, drawn anew each time: nothing is held. Null when there is no such result. */
export async function drawResult(
  task: Task,
  index: number,
  forged = false,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const plan = task.order.results[index];
  if (plan === undefined) return null;
  const seed = [task.order.model, task.order.prompt, task.edition, index, forged].join("\n");
  return FORMATS[plan.format].draw(seed, plan.width, plan.height);
}

function fileName(task: Task, index: number): string {
  const plan = task.order.results[index];
  return plan === undefined ? "" : `${index}.${FORMATS[plan.format].extension}`;
}
