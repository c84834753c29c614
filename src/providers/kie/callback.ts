import * as z from "zod/mini";
import type { CallbackReading } from "../../domain/ports/provider.ts";
import { isSigned } from "./signature.ts";

/** How callbacks are signed: the operator's key at KIE; null when signing is off there. */
export interface CallbackSigning {
  readonly key: string | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const Id = z.catch(z.nullish(z.string().check(z.minLength(1), z.maxLength(200))), null);

/** A callback of any family: the id of its task is in one of four places. */
const Callback = z.object({
  taskId: Id,
  task_id: Id,
  data: z.catch(z.nullish(z.object({ taskId: Id, task_id: Id })), null),
});

function taskIdIn(text: string): string | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = Callback.safeParse(body);
  if (!parsed.success) return null;
  const { data, taskId, task_id } = parsed.data;
  return data?.taskId ?? data?.task_id ?? taskId ?? task_id ?? null;
}

/** Reads the task that a callback names. A body that cannot be read names none, which is a reason to poll like any other. */
export async function readCallback(
  { text, headers }: { readonly text: string; readonly headers: Headers },
  { key, now }: CallbackSigning,
): Promise<CallbackReading> {
  const taskId = taskIdIn(text);
  if (key !== null && !(await isSigned({ taskId, headers }, key, now()))) return { kind: "unsigned" };
  return { kind: "genuine", operation: taskId === null ? null : { taskId } };
}
