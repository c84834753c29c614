/** Scenarios for the proof that stops a process at each of their awaits. */
import type { Mode } from "./fault.ts";
import type { GenerationRequest } from "./generation-requests.ts";
import type { Phase } from "./process.ts";
import type { Action } from "./schedule.ts";

/** The actions of a scenario, and how many provider keys are configured. */
type ProofScenario = readonly [name: string, actions: readonly Action[], keys: number];

const generate = (markers: string, more: Partial<GenerationRequest> = {}): Action => ({
  kind: "generate",
  request: { markers, deadlineSeconds: 600, ...more },
});

const PLAIN: ProofScenario = ["a plain generation", [generate("")], 1];

export const SCENARIOS: readonly ProofScenario[] = [
  PLAIN,
  // No callback names the unanswered create call, and minutes remain in which a bug could make a second one.
  ["a generation that polls complete", [generate("[sim:no-callback]")], 1],
  // The first model's callback stays on record; the second model sends none.
  [
    "a generation whose fallback polls complete",
    [
      generate("[sim:fail-501@flux-kontext-pro] [sim:no-callback@flux-kontext-max]", {
        models: ["flux-kontext-pro", "flux-kontext-max"],
      }),
    ],
    1,
  ],
  ["a generation whose create call is dropped", [generate("[sim:create-drop]")], 1],
  [
    "a generation that is canceled and its artwork deleted",
    [
      generate(""),
      { kind: "pass", seconds: 1 },
      { kind: "cancel", artwork: 0 },
      { kind: "delete", artwork: 0 },
    ],
    1,
  ],
  [
    "a generation that two fallbacks take over",
    [
      generate("[sim:create-505@flux-kontext-pro] [sim:fail-501@flux-kontext-max]", {
        models: ["flux-kontext-pro", "flux-kontext-max", "google/nano-banana"],
      }),
    ],
    1,
  ],
  ["a generation from an image, with an idempotency key", [generate("", { isEdit: true, isNamed: true })], 1],
  [
    "a generation whose first provider key is refused",
    [
      { kind: "account problem", account: 0, problem: "locked", seconds: 300 },
      { kind: "account problem", account: 1, problem: "empty", seconds: 20 },
      generate(""),
      { kind: "pass", seconds: 90 },
      generate(""),
    ],
    2,
  ],
];

/** Scenarios during which another action happens. */
export const DISTURBED: readonly ProofScenario[] = [
  PLAIN,
  ["a generation without an answer or a callback", [generate("[sim:create-drop] [sim:no-callback]")], 1],
  [
    "a generation that is canceled",
    [generate(""), { kind: "pass", seconds: 1 }, { kind: "cancel", artwork: 0 }],
    1,
  ],
];

export const DEATHS: readonly (readonly [string, Phase, Mode])[] = [
  ["before any await, and its alarm runs again", "before", { kind: "stop", alarm: "again" }],
  ["after any await, and its alarm runs again", "after", { kind: "stop", alarm: "again" }],
  ["before any await, and its alarm is lost", "before", { kind: "stop", alarm: "lost" }],
  ["after any await, and its alarm is lost", "after", { kind: "stop", alarm: "lost" }],
];

export const MEANWHILE: readonly (readonly [string, Action])[] = [
  ["a callback arrives again", { kind: "resend", task: 0 }],
  ["a cancel request arrives", { kind: "cancel", artwork: 0 }],
  ["a delete request arrives", { kind: "delete", artwork: 0 }],
  ["the actor runs a second time", { kind: "duplicate", artwork: 0 }],
];
