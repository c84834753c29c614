import type { Deps } from "../../domain/deps.ts";
import { refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { findModel, forImages } from "../../models/find-model.ts";
import { limitsOf } from "../../models/limits.ts";
import type { Limits } from "../../models/limits.ts";
import type { Model } from "../../models/model.ts";

export interface Chosen {
  readonly model: Model;
  readonly limits: Limits;
}

type Models = Pick<Deps, "models" | "settings">;

const refuseModel = (message: string, code: string): Refusal =>
  refuseFields([{ path: "model", message, code }]);

const editors = ({ models }: Models): string =>
  models
    .filter((model) => model.kind === "image" && limitsOf(model).images > 0)
    .map(({ id }) => id)
    .join(", ");

/**
 * The model that a client names, or the default one where it names none. With pictures it is the one that edits for
 * it, where it takes none itself.
 */
export function chooseModel(deps: Models, asked: string | null, hasImages: boolean): Chosen | Refusal {
  const name = asked ?? deps.settings.defaultModel;
  const named = findModel(deps, name);
  if (named === null) return unknownModel(name);
  const model = hasImages ? forImages(deps, named) : named;
  const limits = limitsOf(model);
  if (!hasImages && limits.imagesMinimum > 0) return needsImage(deps, model);
  if (!hasImages || limits.images > 0) return { model, limits };
  const message = `takes no pictures. Models that edit pictures: ${editors(deps)}`;
  return refuseModel(message, "takes_no_pictures");
}

export const unknownModel = (name: string): Refusal => ({
  refused: "model_not_found",
  message: `There is no model "${name.slice(0, 80)}" here. GET /v1/models lists those that there are.`,
  issues: [{ path: "model", message: "names no model of this service", code: "unknown_model" }],
});

function needsImage({ models }: Models, { id }: Model): Refusal {
  const other = models.find((model) => model.editModel === id);
  const instead = other === undefined ? "" : `; for a text alone use ${other.id}`;
  return refuseModel(`edits pictures: send one${instead}`, "needs_picture");
}
