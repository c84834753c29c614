/** Which model a name means. Pure. */
import { anyMarketModel } from "./any-market-model.ts";
import type { Model } from "./model.ts";

/** What can be asked for. */
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

/** The model that starts from pictures for this one, where it takes none itself and has one; else this one. */
export const forImages = (catalogue: Catalogue, model: Model): Model =>
  model.wireNames.images !== undefined || model.editModel === null
    ? model
    : (findModel(catalogue, model.editModel) ?? model);
