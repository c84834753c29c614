/** The fields of `POST /api/artworks/generate` in words. A field without an entry is a type error. */
import type { artworkFields, generationFields } from "../../domain/requests/fields.ts";

interface Meaning {
  readonly meaning: string;
  /** What applies without the field. */
  readonly fallback: string;
  /** A limit that JSON Schema does not express. */
  readonly limit?: string;
}

const PROVIDER = "default of the model";

export const FIELD_MEANINGS: Readonly<
  Record<keyof typeof generationFields | keyof typeof artworkFields, Meaning>
> = {
  prompt: { fallback: "required by most models", meaning: "The text to make an image or video of." },
  model: { fallback: "`KIE_DEFAULT_MODEL`", meaning: "The id of a model of `GET /api/models`." },
  aspectRatio: { fallback: "`KIE_DEFAULT_ASPECT_RATIO`", meaning: "Width to height." },
  outputFormat: { fallback: "`KIE_DEFAULT_OUTPUT_FORMAT`", meaning: "The file format of images." },
  images: { fallback: "none", meaning: "Input images: public URLs, or ids of uploads (`upl_…`)." },
  mask: { fallback: "none", meaning: "The URL or upload that marks the area to edit." },
  variants: { fallback: PROVIDER, meaning: "How many results one generation makes." },
  input: {
    fallback: "`{}`",
    limit: "at most 100,000 characters of JSON",
    meaning: "Fields of the model by the provider's own names.",
  },
  fallbackModels: {
    fallback: "none",
    limit: "each model once",
    meaning: "The models to try in this order when the model is not available.",
  },
  deadlineSeconds: { fallback: PROVIDER, meaning: "The time until the generation fails with `timed_out`." },
  optimizePrompt: {
    fallback: "`PROMPT_OPTIMIZATION`, `false` with images",
    meaning: "Whether the prompt is rewritten first.",
  },
  webhookUrl: { fallback: "none", meaning: "The URL that receives the end of the generation." },
  title: { fallback: "`null`", meaning: "A title of your own." },
  metadata: {
    fallback: "`{}`",
    limit: "at most 8,000 characters of JSON",
    meaning: "Data of your own; answers and webhooks return it.",
  },
};
