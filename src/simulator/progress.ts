import type { Ended, Progress } from "./families/family.ts";
import { originLink, resultLinks } from "./links.ts";
import type { Scenario } from "./markers.ts";
import type { ScenarioName } from "./scenarios.ts";
import type { Task } from "./task.ts";

/** Why a scripted failure happens, in words that name no scenario. */
const FAILURES: Partial<Record<ScenarioName, { readonly code: number; readonly message: string }>> = {
  "fail-400": { code: 400, message: "Your prompt was flagged by the website as violating content policies." },
  "fail-402": { code: 402, message: "Credits insufficient" },
  "fail-422-policy": {
    code: 422,
    message: "CONTENT_POLICY_BLOCKED: this request was blocked by the model provider.",
  },
  "fail-422-media": { code: 422, message: "Your media file is unavailable, please check it and try again." },
  "fail-451": {
    code: 451,
    message:
      "Failed to fetch the image. Kindly verify any access limits set by you or your service provider.",
  },
  "fail-500": { code: 500, message: "Internal Error, Please try again later." },
  "fail-501": { code: 501, message: "Image generation task failed." },
  "fail-531": { code: 531, message: "Generation failed, credits have been refunded." },
  "fail-550": { code: 550, message: "Connection was refused due to job queue limits." },
};

/** How long an unknown state lasts, in usual durations. */
const UNKNOWN_FOR = 3;

/** How long a task takes in milliseconds; null when it never ends. */
export function durationOf(scenario: Scenario, taskMs: number): number | null {
  if (scenario.has("stuck")) return null;
  if (scenario.has("callback-early")) return 0;
  const slow = scenario.get("slow");
  const usual = slow === undefined ? taskMs : slow * 1000;
  return scenario.has("unknown-state") ? usual * UNKNOWN_FOR : usual;
}

/** What the task comes to in the end, whatever time it is now. */
export function endOf(task: Task, origin: string): Ended {
  const [failure] = [...task.scenario.keys()].flatMap((name) => FAILURES[name] ?? []);
  if (failure) return { kind: "failed", ...failure };
  return {
    kind: "succeeded",
    urls: task.scenario.has("success-no-url") ? [] : resultLinks(task, origin),
    originUrl: task.scenario.has("origin-url-null") ? null : originLink(task, origin),
  };
}

/** The progress that a status read reports at `now`. */
export function progressAt(task: Task, now: number, origin: string): Progress {
  if (task.endsAt !== null && now >= task.endsAt) return endOf(task, origin);
  if (task.scenario.has("unknown-state")) return { kind: "unknown" };
  // A task that never ends is half done for ever.
  if (task.endsAt === null) return { kind: "running", progress: 0.5 };
  return { kind: "running", progress: (now - task.createdAt) / (task.endsAt - task.createdAt) };
}
