/** Task reports, common to all wires. Pure. */
import * as z from "zod/mini";
import type { TaskReport } from "../../domain/ports/provider.ts";
import { taskFailure } from "./classify.ts";

/** Codes come as numbers and as numeric text, words as text, null, "" or not at all. */
export const Code = z.nullish(z.union([z.number(), z.string()]));
export const Words = z.nullish(z.string());
export const Amount = z.catch(z.nullish(z.coerce.number()), null);

export type Outcome = "running" | "success" | "fail";

/** A record's `successFlag`: 0 generating, 1 success, 2 create failed, 3 generation failed. Null for any other. */
export function outcomeOfFlag(flag: number | null | undefined): Outcome | null {
  switch (flag) {
    case 0:
      return "running";
    case 1:
      return "success";
    case 2:
    case 3:
      return "fail";
    default:
      return null;
  }
}

/** "Failed, credits refunded". */
const REFUNDED = 531;

export const unreadable: TaskReport = { state: "unseen", reason: "the record has another shape" };

/** Still under way. `unknownWord`: the record has an unknown state, which counts as running. */
export const running = (progress: unknown = null, unknownWord: string | null = null): TaskReport => ({
  state: "running",
  progress: fraction(progress),
  unknownWord,
});

export const succeeded = (urls: readonly string[], credits: number | null = null): TaskReport => ({
  state: "succeeded",
  urls,
  credits,
});

export function failed(
  code: unknown,
  message: string | null | undefined,
  credits: number | null = null,
): TaskReport {
  const used = Number(code) === REFUNDED ? 0 : credits;
  return { state: "failed", failure: taskFailure(code, message ?? null), credits: used };
}

/** 0 to 1 from "0.35" (seen on the 4o wire) or from percents, which newer records may carry; null for anything else. */
function fraction(progress: unknown): number | null {
  const isText = typeof progress === "string" && progress.trim() !== "";
  if (typeof progress !== "number" && !isText) return null;
  const value = Number(progress);
  if (!(value >= 0 && value <= 100)) return null;
  return value > 1 ? value / 100 : value;
}
