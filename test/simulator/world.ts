import type { StoredFile } from "./files.ts";
import type { SimulatorOptions } from "./options.ts";
import { PLENTY_OF_CREDITS } from "./options.ts";
import type { Task } from "./task.ts";

/** A create call that made nothing. */
export interface RefusedCreate {
  readonly at: number;
  readonly family: string;
  /** null: the Bearer key was none of ours. */
  readonly key: string | null;
  /** The answer. */
  readonly code: number;
  readonly msg: string;
  /** As received: parsed, or the text where it was not JSON. */
  readonly body: unknown;
}

/** All that a simulator remembers. */
export interface World {
  readonly options: SimulatorOptions;
  readonly tasks: Task[];
  readonly byId: Map<string, Task>;
  readonly refused: RefusedCreate[];
  /** What was uploaded, in order. */
  readonly files: StoredFile[];
  /** Named counts; see `countUp`. */
  readonly counts: Map<string, number>;
  /** Credits that each account's tasks cost. */
  readonly spent: Map<string, number>;
  /** When each account's recent creates came. */
  readonly recentCreates: Map<string, number[]>;
}

export function createWorld(options: SimulatorOptions): World {
  return {
    options,
    tasks: [],
    byId: new Map(),
    refused: [],
    files: [],
    counts: new Map(),
    spent: new Map(),
    recentCreates: new Map(),
  };
}

/** The count after this one, from 1. */
export function countUp<Key>(counts: Map<Key, number>, name: Key): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

/** Takes a place in the account's sliding window, or says that there is none. A dropped call takes no place. */
export function takeCreatePlace(
  world: World,
  key: string,
  createLimit: SimulatorOptions["createLimit"] = world.options.createLimit,
): boolean {
  const { now } = world.options;
  const at = now();
  const recent = (world.recentCreates.get(key) ?? []).filter((time) => time > at - createLimit.windowMs);
  const free = recent.length < createLimit.count;
  world.recentCreates.set(key, free ? [...recent, at] : recent);
  return free;
}

/** What the account has left. Failed tasks are not refunded here. */
export function balanceOf(world: World, key: string): number {
  return (world.options.balance ?? PLENTY_OF_CREDITS) - (world.spent.get(key) ?? 0);
}

/** Takes in an accepted task: it is known from now on, and paid for. */
export function addTask(world: World, task: Task): void {
  world.tasks.push(task);
  world.byId.set(task.id, task);
  world.spent.set(task.key, (world.spent.get(task.key) ?? 0) + task.order.credits);
}
