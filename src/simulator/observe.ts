import { resend } from "./callbacks.ts";
import { progressAt } from "./progress.ts";
import type { SentCallback, Task } from "./task.ts";
import type { World } from "./world.ts";

/** A task as a test sees it. The fields that time changes are read anew each time. */
export interface SimulatedTask {
  readonly id: string;
  /** Which create call of all it came of, from 1. */
  readonly call: number;
  readonly family: string;
  readonly model: string;
  readonly prompt: string;
  /** The JSON body exactly as received. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The Bearer key that made it. */
  readonly key: string;
  readonly createdAt: number;
  readonly state: "running" | "unknown" | "succeeded" | "failed";
  /** The links a status read would give now; empty before success. */
  readonly resultUrls: readonly string[];
  /** Hex SHA-256 of each result's bytes, by index, from the start. */
  readonly sha256: readonly string[];
  readonly readsOfStatus: number;
  readonly callbacks: readonly SentCallback[];
}

export function simulatedTask(task: Task, world: World): SimulatedTask {
  const progress = () => progressAt(task, world.options.now(), world.options.origin);
  return {
    id: task.id,
    call: task.call,
    family: task.family.name,
    model: task.order.model,
    prompt: task.order.prompt,
    body: task.body,
    key: task.key,
    createdAt: task.createdAt,
    callbacks: task.callbacks,
    get state() {
      return progress().kind;
    },
    get resultUrls() {
      const shown = progress();
      return shown.kind === "succeeded" ? shown.urls : [];
    },
    get sha256() {
      return task.sha256;
    },
    get readsOfStatus() {
      return task.readsOfStatus;
    },
  };
}

/** The counts that show whether something was done once. */
export function summary(world: World) {
  const callbacks = world.tasks.flatMap((task) => task.callbacks);
  return {
    creates: world.tasks.length,
    refused: world.refused.length,
    statusReads: world.tasks.reduce((sum, task) => sum + task.readsOfStatus, 0),
    statusReadsRefused: world.refusedReads,
    callbacksDelivered: callbacks.filter(({ status }) => status === 200).length,
  };
}

/** Sends a task's callback again at once. 404 without such a task, 409 while it runs or when it has no callback address. */
export async function resendCallback(world: World, id: string): Promise<Response> {
  const task = world.byId.get(id);
  if (task === undefined) return Response.json({ error: "no such task" }, { status: 404 });
  const ended = task.endsAt !== null && world.options.now() >= task.endsAt;
  const sent = ended ? await resend(world, task) : null;
  if (sent === null)
    return Response.json({ error: ended ? "no callBackUrl" : "still running" }, { status: 409 });
  return Response.json(sent);
}
