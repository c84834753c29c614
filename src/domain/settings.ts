import type { ModelDefaults } from "../models/model.ts";

/** The part of the configuration that the domain decides by. */
export interface Settings {
  readonly defaultModel: string;
  readonly defaults: ModelDefaults;
  /** Development: http and private addresses are fine in URLs from outside. */
  readonly allowPrivateUrls: boolean;
  /** Whether `kie:<market id>` names a model too, whatever it is. */
  readonly allowAnyModel: boolean;
  /** Base under which the keys of stored files are served; null means `/media` at the origin of the request. */
  readonly mediaBase: string | null;
  /** Origin at which the provider reaches this service; null: the origin of the request. */
  readonly webhookOrigin: string | null;
  /** Whether the provider is on a private address itself, so that it can reach private addresses. */
  readonly providerIsPrivate: boolean;
  /** Whether prompts are rewritten where a request does not say. */
  readonly optimizesPrompts: boolean;
  /** Milliseconds for which results are kept; null: for ever. */
  readonly retentionMs: number | null;
}
