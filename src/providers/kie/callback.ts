import * as z from "zod/mini";

const Id = z.catch(z.nullish(z.string().check(z.minLength(1), z.maxLength(200))), null);

/** A callback of any family: the id of its task is in one of four places. */
const Callback = z.object({
  taskId: Id,
  task_id: Id,
  data: z.catch(z.nullish(z.object({ taskId: Id, task_id: Id })), null),
});

/** The task that a callback's body names, or null. Everything else that it claims is asked of the upstream itself. */
export function callbackTaskId(body: unknown): string | null {
  const parsed = Callback.safeParse(body);
  if (!parsed.success) return null;
  const { data, taskId, task_id } = parsed.data;
  return data?.taskId ?? data?.task_id ?? taskId ?? task_id ?? null;
}
