/** The fields that every model shares, as a caller spells them. `input` holds the model's own. */
export interface CommonRequest {
  readonly prompt?: string | undefined;
  readonly aspectRatio?: string | undefined;
  readonly outputFormat?: string | undefined;
  readonly images?: readonly string[] | undefined;
  /** An image whose transparent parts are to be painted. */
  readonly mask?: string | undefined;
  readonly variants?: number | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
}

export const COMMON_FIELDS = [
  "prompt",
  "aspectRatio",
  "outputFormat",
  "images",
  "mask",
  "variants",
] as const satisfies readonly (keyof CommonRequest)[];
export type CommonField = (typeof COMMON_FIELDS)[number];
