import { bearerKey } from "./answers.ts";
import type { StoredFile } from "./stored-file.ts";
import type { RateLimit, SimulatorOptions } from "./options.ts";
import { PLENTY_OF_CREDITS } from "./options.ts";
import type { Task } from "./task.ts";

/** A create call that made nothing. */
export interface RefusedCreate {
  readonly at: number;
  /** Which create call of all it is, from 1. */
  readonly call: number;
  readonly family: string;
  /** null: the Bearer key was none of ours. */
  readonly key: string | null;
  /** The answer. */
  readonly code: number;
  readonly msg: string;
  /** As received: parsed, or the text where it was not JSON. */
  readonly body: unknown;
}

/** `locked`: its key is refused everywhere. `empty`: it has no credits left. */
export type AccountProblem = "locked" | "empty";

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
  /** When recent calls came, by what is counted; see `takePlace`. */
  readonly recentCalls: Map<string, number[]>;
  /** Status reads that came above a limit. */
  refusedReads: number;
  /** Accounts that do not work as usual. */
  readonly accounts: Map<string, AccountProblem>;
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
    recentCalls: new Map(),
    refusedReads: 0,
    accounts: new Map(),
  };
}

/** The count after this one, from 1. */
export function countUp<Key>(counts: Map<Key, number>, name: Key): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

/** Takes a place in a sliding window, or says that there is none. A dropped call takes no place. */
function takePlace(world: World, name: string, { count, windowMs }: RateLimit): boolean {
  const at = world.options.now();
  const recent = (world.recentCalls.get(name) ?? []).filter((time) => time > at - windowMs);
  const free = recent.length < count;
  world.recentCalls.set(name, free ? [...recent, at] : recent);
  return free;
}

/** A place among the account's creates. */
export const takeCreatePlace = (
  world: World,
  key: string,
  limit: RateLimit = world.options.createLimit,
): boolean => takePlace(world, `create\n${key}`, limit);

/** A place among the account's status reads, and among those of this task where its family counts them too. */
export function takeReadPlace(world: World, { key, id, family }: Task): boolean {
  const { readLimit, taskReadLimits = {} } = world.options;
  const ofTask = taskReadLimits[family.name];
  const isFree =
    (ofTask === undefined || takePlace(world, `task\n${id}`, ofTask)) &&
    (readLimit === undefined || takePlace(world, `read\n${key}`, readLimit));
  if (!isFree) world.refusedReads += 1;
  return isFree;
}

/** How many tasks of the account have not ended. */
export function runningOf(world: World, key: string): number {
  const at = world.options.now();
  return world.tasks.filter((task) => task.key === key && (task.endsAt === null || task.endsAt > at)).length;
}

/** The account that a call may use, by its key; null when there is none, or its key does not work now. */
export function accountOf(world: World, request: Request): string | null {
  const key = bearerKey(request, world.options.apiKeys);
  return key === null || world.accounts.get(key) === "locked" ? null : key;
}

/** What the account has left. Failed tasks are not refunded here. */
export function balanceOf(world: World, key: string): number {
  if (world.accounts.get(key) === "empty") return 0;
  return (world.options.balance ?? PLENTY_OF_CREDITS) - (world.spent.get(key) ?? 0);
}

/** Takes in an accepted task: it is known from now on, and paid for. */
export function addTask(world: World, task: Task): void {
  world.tasks.push(task);
  world.byId.set(task.id, task);
  world.spent.set(task.key, (world.spent.get(task.key) ?? 0) + task.order.credits);
}
