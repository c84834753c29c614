/** Finds models by name. Pure. */
import { anyMarketModel } from "./any-market-model.ts";
import type { Model } from "./model.ts";

/** The models on offer. */
export interface Catalogue {
  readonly models: readonly Model[];
  readonly settings: {
    /** Whether `kie:<market id>` names a model too, whatever it is. */
    readonly allowAnyModel: boolean;
  };
}

/** The model of this id or other name, whatever its state, or null. What is recorded and shown is its id. */
export const findModel = ({ models, settings }: Catalogue, name: string): Model | null =>
  models.find(({ id, aliases }) => id === name || aliases.includes(name)) ??
  (settings.allowAnyModel ? anyMarketModel(name) : null);

/** The edit model of a model that takes no images itself, where it has one; else the model. */
export const forImages = (catalogue: Catalogue, model: Model): Model =>
  model.wireNames.images !== undefined || model.editModel === null
    ? model
    : (findModel(catalogue, model.editModel) ?? model);
