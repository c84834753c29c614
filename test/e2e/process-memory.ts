/** The memory of other processes, read from /proc: Linux only. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const KIB_PER_MIB = 1024;
const SAMPLE_EVERY_MS = 50;

export const canReadMemory = (): boolean => existsSync("/proc/self/status");

/** A line of `/proc/<pid>/status`, or undefined when there is no such process or line. */
function statusField(pid: number, field: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1];
  } catch {
    return undefined;
  }
}

/** Total resident memory of these processes, in MiB; an ended process counts as zero. */
export const residentMib = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number.parseInt(statusField(pid, "VmRSS") ?? "0", 10), 0) / KIB_PER_MIB;

/** Every descendant of this process whose name has this prefix. */
export function descendants(pid: number, name: string): number[] {
  const all = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const children = all.map(Number).filter((child) => Number(statusField(child, "PPid")) === pid);
  return children.flatMap((child) => [
    ...(statusField(child, "Name")?.startsWith(name) === true ? [child] : []),
    ...descendants(child, name),
  ]);
}

/** Samples processes until `stop`, which answers their largest total, in MiB. */
export function watchPeak(pids: readonly number[]): { readonly stop: () => number } {
  let peak = residentMib(pids);
  const timer = setInterval(() => (peak = Math.max(peak, residentMib(pids))), SAMPLE_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(peak, residentMib(pids));
    },
  };
}
