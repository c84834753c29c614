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
 * Finds the model that a client names, or the default model. With images, a model that takes none is replaced by its edit
 * model.
 */
export function chooseModel(deps: Models, requested: string | null, hasImages: boolean): Chosen | Refusal {
  const name = requested ?? deps.settings.defaultModel;
  const named = findModel(deps, name);
  if (named === null) return unknownModel(name);
  const model = hasImages ? forImages(deps, named) : named;
  const limits = limitsOf(model);
  if (!hasImages && limits.imagesMinimum > 0) return needsImage(deps, model);
  if (!hasImages || limits.images > 0) return { model, limits };
  const message = `takes no images. Models that edit images: ${editors(deps)}`;
  return refuseModel(message, "takes_no_pictures");
}

export const unknownModel = (name: string): Refusal => ({
  refused: "model_not_found",
  message: `Unknown model "${name.slice(0, 80)}". GET /v1/models lists all models.`,
  issues: [{ path: "model", message: "is not a known model", code: "unknown_model" }],
});

function needsImage({ models }: Models, { id }: Model): Refusal {
  const other = models.find((model) => model.editModel === id);
  const instead = other === undefined ? "" : `, or use ${other.id} for text alone`;
  return refuseModel(`edits images: send one${instead}`, "needs_picture");
}
