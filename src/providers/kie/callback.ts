import * as z from "zod";

const Id = z.string().min(1).max(200).nullish();

/** A callback of any family: the id of its task is in one of four places. */
const Callback = z.object({
  taskId: Id,
  task_id: Id,
  data: z.object({ taskId: Id, task_id: Id }).nullish().catch(null),
});

/** The task that a callback's body names, or null. Everything else that it claims is asked of the upstream itself. */
export function callbackTaskId(body: unknown): string | null {
  const parsed = Callback.safeParse(body);
  if (!parsed.success) return null;
  const { data, taskId, task_id } = parsed.data;
  return data?.taskId ?? data?.task_id ?? taskId ?? task_id ?? null;
}
