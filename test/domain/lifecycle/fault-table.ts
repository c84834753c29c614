import type { FailureCode } from "../../../src/domain/failure.ts";
import type { ScenarioName } from "../../../src/simulator/scenarios.ts";

export interface Fault {
  /** The text after the marker's name: a number, or more markers. */
  readonly with?: string;
  /** The end of the generation: "completed", or its error code. By kind where videos have another limit. */
  readonly end: "completed" | FailureCode | Readonly<Record<"image" | "video", "completed" | FailureCode>>;
  /** Create calls that made a task; one without it. */
  readonly creates?: number;
  /** The error's message, where it differs from the code's own. */
  readonly says?: string;
  /** The stored bytes are longer than those of the task. */
  readonly isPadded?: true;
}

/** Needs a clock that runs during a copy, which a test's clock does not; `test/e2e/crash.test.ts` covers it. */
type NeedsRunningClock = "link-slow";

const NEVER_STARTED =
  "The provider was busy until the deadline. The job was never started, and nothing is billed.";

/** The end of a generation for each fault. The type requires an entry for every new scenario of the simulator. */
export const FAULTS: Readonly<Record<Exclude<ScenarioName, NeedsRunningClock>, readonly Fault[]>> = {
  "no-callback": [{ end: "completed" }],
  "callback-twice": [{ end: "completed" }],
  "callback-early": [{ end: "completed" }],
  "callback-wrong-task": [{ end: "completed" }],
  "callback-wrong-url": [{ end: "completed" }],
  "callback-late": [{ end: "completed" }],
  "callback-out-of-order": [{ end: "completed" }],
  "callback-unsigned": [{ end: "completed" }],
  "callback-bad-signature": [{ end: "completed" }],
  "callback-stale": [{ end: "completed" }],

  "create-500-after-accept": [{ end: "completed" }, { with: "] [sim:no-callback", end: "outcome_unknown" }],
  "create-hang": [{ end: "completed" }, { with: "] [sim:no-callback", end: "outcome_unknown" }],
  "create-drop": [{ end: "completed" }, { with: "] [sim:no-callback", end: "outcome_unknown" }],
  "create-html-502": [{ end: "completed" }, { with: "] [sim:no-callback", end: "outcome_unknown" }],
  "create-no-task-id": [{ end: "completed" }, { with: "] [sim:no-callback", end: "outcome_unknown" }],
  "create-429": [{ with: "=3", end: "completed" }],
  "create-455": [
    { with: "=2", end: "completed" },
    { with: "=999", end: "timed_out", creates: 0, says: NEVER_STARTED },
  ],
  "create-550": [
    { with: "=2", end: "completed" },
    { with: "=999", end: "timed_out", creates: 0, says: NEVER_STARTED },
  ],
  "create-401": [{ end: "provider_key_invalid", creates: 0 }],
  "create-402": [{ end: "provider_credits_exhausted", creates: 0 }],
  "create-402-as-500": [{ end: "provider_credits_exhausted", creates: 0 }],
  "create-404": [{ end: "model_unavailable", creates: 0 }],
  "create-422": [{ end: "invalid_input_upstream", creates: 0 }],
  "create-433": [{ end: "provider_credits_exhausted", creates: 0 }],
  "create-451": [{ end: "input_unreachable", creates: 0 }],
  "create-500-validation": [{ end: "invalid_input_upstream", creates: 0 }],
  "create-505": [{ end: "model_unavailable", creates: 0 }],
  "create-paused": [{ end: "model_unavailable", creates: 0 }],
  "size-taken": [{ end: "completed" }],
  "code-as-string": [{ end: "completed" }],

  "fail-400": [{ end: "content_policy" }],
  "fail-402": [{ end: "provider_credits_exhausted" }],
  "fail-422-policy": [{ end: "content_policy" }],
  "fail-422-media": [{ end: "input_unreachable" }],
  "fail-451": [{ end: "input_unreachable" }],
  "fail-500": [{ end: "provider_error" }],
  "fail-501": [{ end: "provider_error" }],
  "fail-531": [{ end: "provider_error" }],
  "fail-550": [{ end: "model_unavailable" }],
  "success-no-url": [{ end: "no_result" }],
  "unknown-state": [{ end: "completed" }],
  stuck: [{ end: "timed_out" }],
  slow: [
    { with: "=200", end: "completed" },
    { with: "=1200] [sim:no-callback", end: "timed_out" },
  ],
  "record-null": [{ with: "=2", end: "completed" }],
  "status-401": [{ with: "=3", end: "completed" }],
  "status-429": [{ with: "=3", end: "completed" }],
  "status-455": [{ with: "=3", end: "completed" }],
  "status-500": [{ with: "=3", end: "completed" }],
  "resultjson-object": [{ end: "completed" }],
  "resultjson-filled-while-waiting": [{ with: "] [sim:slow=30", end: "completed" }],
  "snake-case-urls": [{ end: "completed" }],
  "origin-url-null": [{ end: "completed" }],

  "link-404": [{ with: "=1", end: "completed" }],
  "link-500": [{ with: "=3", end: "completed" }],
  "link-expired": [{ end: "completed" }],
  "link-gone": [{ end: "result_lost" }],
  "link-stale": [{ end: "completed" }],
  "variant-missing": [{ with: "=0", end: "result_lost" }],
  "link-html": [{ end: "result_unusable" }],
  "link-empty": [{ end: "result_unusable" }],
  "link-text-as-png": [{ end: "result_unusable" }],
  "link-lying-length": [{ end: "result_unusable" }],
  "link-redirect": [{ end: "completed" }],
  "link-redirect-private": [{ end: "result_unusable" }],
  "link-redirect-loop": [{ end: "result_unusable" }],
  "link-huge": [{ with: "=65", isPadded: true, end: { image: "result_unusable", video: "completed" } }],
  "link-chunked": [{ end: "completed" }],
};

/** Faults of what each wire reads by code of its own: the answer to a create call, a task's status, its failure, its result. */
export const WIRE_FAULTS: ReadonlySet<string> = new Set<keyof typeof FAULTS>([
  "no-callback",
  "callback-out-of-order",
  "create-no-task-id",
  "create-500-validation",
  "size-taken",
  "code-as-string",
  "fail-400",
  "fail-422-policy",
  "fail-501",
  "success-no-url",
  "unknown-state",
  "record-null",
  "resultjson-object",
  "resultjson-filled-while-waiting",
  "snake-case-urls",
  "origin-url-null",
  "link-expired",
  "link-gone",
  "variant-missing",
]);
