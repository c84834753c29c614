/**
 * Whether a plan may run today: which models are retired, which providers are configured, whether prompts can be
 * rewritten. The answer changes with time; what the request means does not (see `plan.ts`).
 */
import type { Fallback, PromptOptimization } from "../../db/schema.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import { findModel } from "../../models/find-model.ts";
import { isRetired, promptOf } from "../../models/model.ts";
import type { Model, WireInput } from "../../models/model.ts";
import type { Deps } from "../deps.ts";
import { refuseFields } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { imagesOf } from "../uploads/uploads.ts";
import type { GenerationRequest } from "./fields.ts";
import { fallbackIssues, fieldIssuesOf, knownIssues, unknownFallback, unknownModel } from "./plan.ts";
import type { PlannedFallback, RequestPlan } from "./plan.ts";

/** A plan that may run. */
export interface Plan {
  readonly model: Model;
  readonly input: WireInput;
  readonly credits: number | null;
  /** Models that take over, in order, when the model fails in a way that another one may survive. */
  readonly fallbacks: readonly Fallback[];
  /** Null: the prompt is sent as it is. */
  readonly optimization: PromptOptimization | null;
}

/**
 * Admits a plan or refuses it, with every bad field at once. `more` are issues that were found elsewhere, such as uploads
 * that are gone.
 */
export function admit(
  deps: Deps,
  planned: RequestPlan,
  request: GenerationRequest,
  more: readonly FieldIssue[] = [],
): Plan | Refusal {
  const known = knownIssues(planned, more);
  if (planned.kind === "unknown_model") {
    return refuseFields([...fieldIssuesOf(planned, more), ...fallbackIssues(planned.fallbacks)]);
  }
  const { model, prepared } = planned;
  if (!isOffered(deps, model)) {
    const unknown = planned.fallbacks.flatMap(({ id }, index) =>
      findModel(deps, id) === null ? [unknownFallback(id, index)] : [],
    );
    return refuseFields([...known, unknownModel(model.id), ...fallbackIssues(unknown)]);
  }
  if (isRetired(model, deps.now())) return retired(model);
  const fallbacks = planned.fallbacks.flatMap((fallback, index) => admitFallback(deps, fallback, index));
  const issues = [
    ...fieldIssuesOf(planned, more),
    ...fallbackIssues(fallbacks),
    ...optimizationIssues(deps, request),
  ];
  if (!prepared.ok || issues.length > 0) return refuseFields(issues);
  const missing = deps.providers.of(model.protocol).problem;
  if (missing !== null) return { refused: "provider_not_configured", message: missing };
  const { input } = prepared;
  return {
    model,
    input,
    credits: deps.providers.of(model.protocol).price(model, input),
    fallbacks: fallbacks.flatMap((one) => (one.kind === "ready" ? [withPrice(deps, one)] : [])),
    optimization: planOptimization(deps, request, promptOf(model, input)),
  };
}

const withPrice = (
  deps: Deps,
  { model, fallback }: Extract<PlannedFallback, { kind: "ready" }>,
): Fallback => ({
  ...fallback,
  credits: deps.providers.of(model.protocol).price(model, fallback.input),
});

/** Whether the configuration offers this model; `KIE_ALLOW_ANY_MODEL` decides about models that are not listed. */
const isOffered = (deps: Deps, { id }: Model): boolean => findModel(deps, id) !== null;

/** The fallback as it stands today; none when its model is retired, which is skipped. */
function admitFallback(deps: Deps, planned: PlannedFallback, index: number): PlannedFallback[] {
  const { path, id, model } = planned;
  if (model === null || !isOffered(deps, model)) return [unknownFallback(id, index)];
  if (isRetired(model, deps.now())) return [];
  if (planned.kind === "refused" && planned.issue.code === "other_kind") return [planned];
  const missing = deps.providers.of(model.protocol).problem;
  if (missing === null) return [planned];
  const message = `cannot be made here. ${missing}`;
  return [{ kind: "refused", path, id, model, issue: { path, message, code: "provider_not_configured" } }];
}

const retired = ({ id, retiresAt, replacement }: Model): Refusal => ({
  refused: "model_retired",
  message: `${id} was retired on ${retiresAt?.slice(0, 10)}.${replacement === null ? "" : ` Use ${replacement} instead.`}`,
});

/** Rejects an explicit request when no optimizer is configured. */
function optimizationIssues({ optimizer }: Deps, { optimizePrompt }: GenerationRequest): FieldIssue[] {
  if (optimizePrompt !== true || optimizer.problem === null) return [];
  const message = `cannot be done here. ${optimizer.problem}`;
  return [{ path: "optimizePrompt", message, code: "optimizer_not_configured" }];
}

// Where the operator wants every prompt rewritten and has set no server, the original is used and the generation says so.
// Edits are rewritten on demand only: the optimizer sees no image and would invent one.
function planOptimization(
  { optimizer, settings }: Deps,
  { optimizePrompt, ...request }: GenerationRequest,
  original: string | null,
): PromptOptimization | null {
  const isWanted = optimizePrompt ?? (settings.optimizesPrompts && imagesOf(request).length === 0);
  if (!isWanted || original === null) return null;
  const { problem: message } = optimizer;
  return { status: message === null ? "pending" : "unavailable", message, original, prompt: null };
}
