import { describe, expect, it } from "vitest";
import { isRetryable } from "../../src/generation/failure.ts";
import { generate, statusOf } from "../expect.ts";
import { createWorld } from "../harness.ts";

const MINUTE = 60_000;

/** One model of each wire. */
const WIRES = [
  "flux-kontext-pro",
  "gpt-4o-image",
  "google/nano-banana",
  "sora-2-text-to-video",
  "veo3",
] as const;

/** What a bad day comes to: the end, its code, and how many creates the upstream has taken. */
const FAULTS: readonly (readonly [string, string, number])[] = [
  ["no-callback", "completed", 1],
  ["callback-twice", "completed", 1],
  ["callback-early", "completed", 1],
  ["callback-wrong-task", "completed", 1],
  ["callback-wrong-url", "completed", 1],
  ["callback-late=3600", "completed", 1],
  ["callback-out-of-order", "completed", 1],
  ["create-500-after-accept", "completed", 1],
  ["create-drop", "completed", 1],
  ["create-html-502", "completed", 1],
  ["create-no-task-id", "completed", 1],
  ["create-drop] [sim:no-callback", "outcome_unknown", 1],
  ["create-429=3", "completed", 1],
  ["create-455=2", "completed", 1],
  ["create-550=2", "completed", 1],
  ["create-455=999", "timed_out", 0],
  ["create-401", "provider_key_invalid", 0],
  ["create-402", "provider_credits_exhausted", 0],
  ["create-402-as-500", "provider_credits_exhausted", 0],
  ["create-500-validation", "invalid_input_upstream", 0],
  ["create-505", "model_unavailable", 0],
  ["fail-400", "content_policy", 1],
  ["fail-422-media", "input_unreachable", 1],
  ["fail-500", "provider_error", 1],
  ["fail-531", "provider_error", 1],
  ["success-no-url", "no_result", 1],
  ["link-404=1", "completed", 1],
  ["link-expired", "completed", 1],
  ["link-html", "result_unusable", 1],
  ["link-empty", "result_unusable", 1],
  ["link-lying-length", "result_unusable", 1],
  ["link-redirect-private", "result_unusable", 1],
  ["link-gone", "result_lost", 1],
  ["record-null=2", "completed", 1],
  ["status-500=2] [sim:no-callback", "completed", 1],
  ["unknown-state", "completed", 1],
  ["stuck", "timed_out", 1],
];

describe.each(WIRES)("a bad day of %s", (model) => {
  it.each(FAULTS)("%s ends as %s, paid %i times", async (marker, end, creates) => {
    const world = createWorld();
    const artwork = await generate(world, { model, prompt: `kites [sim:${marker}]`, deadlineSeconds: 900 });

    await world.pass(17 * MINUTE);

    const { status, terminal, error } = await statusOf(world, artwork.id);
    expect({ terminal, end: error?.code ?? status }).toEqual({ terminal: true, end });
    expect(world.simulator.creates()).toBe(creates);
    expect(error === null || (error.message.length > 20 && error.retryable === isRetryable(error.code))).toBe(
      true,
    );
  });
});
