import type { Settings } from "../domain/settings.ts";
import { ConfigError } from "../env.ts";
import type { Config } from "../env.ts";
import { isPrivateOrigin } from "../lib/addresses.ts";
import { SECOND } from "../lib/time.ts";
import { flux1Schnell } from "../models/flux-1.ts";
import { fluxKontextPro } from "../models/flux-kontext.ts";
import { MODELS } from "../models/index.ts";

/** Without a name from the operator: a model that the configured credentials can make. */
const defaultModel = ({ KIE_DEFAULT_MODEL: named, ...config }: Config): string =>
  named ??
  (config.KIE_API_KEY.length === 0 && config.CF_API_TOKEN !== null ? flux1Schnell : fluxKontextPro).id;

/** The part of the configuration that the domain decides by. */
export const settingsOf = (config: Config): Settings => ({
  defaultModel: defaultModel(config),
  defaults: {
    aspectRatio: config.KIE_DEFAULT_ASPECT_RATIO,
    outputFormat: config.KIE_DEFAULT_OUTPUT_FORMAT,
    safetyTolerance: config.KIE_DEFAULT_SAFETY_TOLERANCE,
    fluxSteps: config.FLUX_NUM_STEPS,
  },
  allowAnyModel: config.KIE_ALLOW_ANY_MODEL,
  allowPrivateUrls: config.DEV_MODE,
  mediaBase: config.MEDIA_BASE_URL,
  webhookOrigin: config.WEBHOOK_BASE_URL,
  providerIsPrivate: isPrivateOrigin(config.KIE_API_BASE_URL),
  optimizesPrompts: config.PROMPT_OPTIMIZATION,
  retentionMs: retentionMs(config),
});

const retentionMs = ({ IMAGE_EXPIRATION: seconds }: Config): number | null =>
  seconds === 0 ? null : seconds * SECOND;

/** When a result stored now expires, in epoch milliseconds; null: never. */
export const expiryOf = (config: Config, now: () => number) => (): number | null => {
  const milliseconds = retentionMs(config);
  return milliseconds === null ? null : now() + milliseconds;
};

/** Throws `ConfigError` when `KIE_DEFAULT_MODEL` is not a known model. */
export function checkDefaultModel({ KIE_DEFAULT_MODEL: id, KIE_ALLOW_ANY_MODEL: allowsAny }: Config): void {
  if (id === null || allowsAny || MODELS.some((model) => model.id === id)) return;
  throw new ConfigError("The configuration is wrong. KIE_DEFAULT_MODEL is not a known model.");
}
