import { fluxKontextMax, fluxKontextPro } from "./flux-kontext.ts";
import type { Model } from "./model.ts";

/** Everything that can be made. Validation, `GET /api/models` and the tests are derived from this list. */
export const MODELS: readonly Model[] = [fluxKontextPro, fluxKontextMax];
