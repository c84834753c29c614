import type { Task } from "./task.ts";

/** A result as it is about to be served. */
export interface Served {
  readonly task: Task;
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}
