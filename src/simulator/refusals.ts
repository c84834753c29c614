import type { Envelope } from "./answers.ts";
import { NO_ACCESS } from "./answers.ts";
import type { Order } from "./families/family.ts";
import { createCounter, scenarioAtTurn } from "./markers.ts";
import type { Scenario } from "./markers.ts";
import type { ScenarioName } from "./scenarios.ts";
import { countUp } from "./world.ts";
import type { World } from "./world.ts";

export const TOO_MANY: Envelope = {
  code: 429,
  msg: "Your call frequency is too high. Please try again later.",
};
/** Not documented: answered like every other "too many". */
export const TOO_MANY_RUNNING: Envelope = {
  code: 429,
  msg: "Too many of your tasks are running. Please try again later.",
};
export const NO_CREDITS: Envelope = {
  code: 402,
  msg: "Credits insufficient: your current balance isn't enough to run this request. Please top up to continue.",
};
export const MAINTENANCE: Envelope = {
  code: 455,
  msg: "The service is currently undergoing maintenance.",
};

/** What a scripted refusal answers. Several happen one after the other, in the order the prompt asks for them. */
const CREATE_REFUSALS: Partial<Record<ScenarioName, Envelope>> = {
  "create-401": NO_ACCESS,
  "create-402": NO_CREDITS,
  "create-402-as-500": { code: 500, msg: "Credits insufficient" },
  "create-404": { code: 404, msg: "Model not found" },
  "create-422": { code: 422, msg: "The request parameters are incorrect, please check the parameters." },
  "create-429": TOO_MANY,
  "create-433": { code: 433, msg: "The sub-key usage exceeds its limit." },
  "create-451": {
    code: 451,
    msg: "Failed to fetch the image. Kindly verify any access limits set by you or your service provider.",
  },
  "create-455": MAINTENANCE,
  "create-500-validation": { code: 500, msg: "This field is required" },
  "create-505": { code: 505, msg: "The requested feature is currently disabled." },
  "create-550": { code: 550, msg: "Connection was refused due to job queue limits." },
  "create-paused": { code: 500, msg: "This interface is temporarily paused." },
};

/**
 * The refusal that this create call meets, counting it as one more call with this exact prompt (and, where it asks
 * for something of one model only, with this model); or null.
 */
export function scriptedRefusal(
  world: World,
  scenario: Scenario,
  { prompt, model }: Pick<Order, "prompt" | "model">,
): Envelope | null {
  const asked = [...scenario.keys()].filter((name) => name in CREATE_REFUSALS);
  const name = scenarioAtTurn(scenario, asked, countUp(world.counts, createCounter(prompt, model)));
  return name === null ? null : (CREATE_REFUSALS[name] ?? null);
}
