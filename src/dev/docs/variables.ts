/** Every variable and secret in words. A variable without an entry is a type error. */
import type { VARIABLES } from "../../env.ts";

interface Described {
  readonly kind: "var" | "secret";
  readonly group:
    | "Access"
    | "KIE"
    | "Defaults of requests"
    | "Addresses"
    | "Uploads"
    | "Workers AI"
    | "Prompts"
    | "Results";
  readonly meaning: string;
  /** What applies without a value, where the schema alone does not say it. */
  readonly fallback?: string;
  /** Names of the same value in other projects. */
  readonly elsewhere?: readonly string[];
}

export const DESCRIBED: Readonly<Record<keyof typeof VARIABLES, Described>> = {
  API_KEY: {
    kind: "secret",
    group: "Access",
    meaning: "The root key of this API. Clients send it as `Authorization: Bearer`.",
    fallback: "none: protected routes answer 503",
  },
  DEV_MODE: {
    kind: "var",
    group: "Access",
    meaning:
      "`1` admits requests without credentials from this machine, and allows loopback and http URLs. `npm start` sets it. Never set it in production.",
  },
  LINK_SIGNING_KEY: {
    kind: "secret",
    group: "Access",
    meaning: "Signs the links to event streams. A new value ends all links.",
    fallback: "derived from `API_KEY`",
  },
  CORS_ORIGINS: {
    kind: "var",
    group: "Access",
    meaning: "Origins whose pages may call the API, comma-separated. Never with credentials.",
    fallback: "`*`",
  },
  KIE_API_KEY: {
    kind: "secret",
    group: "KIE",
    meaning: "The provider key. Several keys, comma-separated, are used in turn.",
    elsewhere: ["KIE_AI_API_KEY", "KIE_KEY", "KIE_API_TOKEN", "NANO_BANANA_API_KEY", "NANOBANANA_API_KEY"],
  },
  KIE_WEBHOOK_HMAC_KEY: {
    kind: "secret",
    group: "KIE",
    meaning: "With a value, callbacks must carry KIE's signature, at most 5 minutes old.",
    elsewhere: ["webhookHmacKey"],
  },
  KIE_API_BASE_URL: {
    kind: "var",
    group: "KIE",
    meaning: "The address of KIE. Any path from `/api/v1` on is removed.",
    elsewhere: [
      "KIE_AI_BASE_URL",
      "KIE_AI_API_URL",
      "KIE_BASE_URL",
      "KIE_API_BASE",
      "NANO_BANANA_API_URL",
      "NANO_BANANA_BASE_URL",
      "NANOBANANA_BASE_URL",
    ],
  },
  KIE_ALLOW_ANY_MODEL: {
    kind: "var",
    group: "KIE",
    meaning: "`1` allows `kie:<market id>` as a model. Its `input` is sent unchanged.",
  },
  KIE_DEFAULT_MODEL: {
    kind: "var",
    group: "Defaults of requests",
    meaning: "The model of a request that names none.",
    fallback: "`flux-kontext-pro`, or Workers AI's Flux when only Workers AI is configured",
    elsewhere: ["KIE_IMAGE_MODEL", "KIE_AI_MODEL", "NANO_BANANA_MODEL", "NANOBANANA_MODEL"],
  },
  KIE_DEFAULT_ASPECT_RATIO: {
    kind: "var",
    group: "Defaults of requests",
    meaning: "The ratio where a request names none. An edit keeps the ratio of its source.",
  },
  KIE_DEFAULT_OUTPUT_FORMAT: {
    kind: "var",
    group: "Defaults of requests",
    meaning: "The format of images where a request names none and the model takes one.",
  },
  KIE_DEFAULT_SAFETY_TOLERANCE: {
    kind: "var",
    group: "Defaults of requests",
    meaning: "How permissive Flux Kontext is, from 0 (strict) to 6. An edit allows 2 at most.",
  },
  WEBHOOK_BASE_URL: {
    kind: "var",
    group: "Addresses",
    meaning: "The origin at which KIE reaches this service for callbacks.",
    fallback: "origin of the request",
    elsewhere: ["KIE_CALLBACK_URL", "NEXTAUTH_URL"],
  },
  MEDIA_BASE_URL: {
    kind: "var",
    group: "Addresses",
    meaning: "The base of result URLs, for example the domain of the bucket.",
    fallback: "`<origin of the request>/media`",
  },
  REDIS_URL: {
    kind: "secret",
    group: "Addresses",
    meaning: "`redis://` or `rediss://`: the ends of generations are published there.",
  },
  UPLOAD_HOST: {
    kind: "var",
    group: "Uploads",
    meaning: "Where the provider fetches uploads: `r2` (this service), `kie` (its file storage) or `imgbb`.",
  },
  KIE_UPLOAD_BASE_URL: {
    kind: "var",
    group: "Uploads",
    meaning: "The file storage of KIE, for `UPLOAD_HOST=kie`.",
  },
  IMGBB_API_KEY: { kind: "secret", group: "Uploads", meaning: "The imgbb key, for `UPLOAD_HOST=imgbb`." },
  IMGBB_API_BASE_URL: {
    kind: "var",
    group: "Uploads",
    meaning: "The address of imgbb, for `UPLOAD_HOST=imgbb`.",
  },
  CF_ACCOUNT_ID: { kind: "var", group: "Workers AI", meaning: "The Cloudflare account of Workers AI." },
  CF_API_TOKEN: {
    kind: "secret",
    group: "Workers AI",
    meaning: 'A token of that account with the permission "Workers AI".',
  },
  CF_API_BASE_URL: { kind: "var", group: "Workers AI", meaning: "The address of Cloudflare's API." },
  FLUX_NUM_STEPS: {
    kind: "var",
    group: "Workers AI",
    meaning: "The steps of Workers AI's Flux, 1 to 8, where a request names none.",
  },
  PROMPT_OPTIMIZATION: {
    kind: "var",
    group: "Prompts",
    meaning:
      "`true` rewrites the prompt of every request without images before the paid call. `optimizePrompt` of a request overrides it.",
  },
  EXTERNAL_API_BASE: {
    kind: "var",
    group: "Prompts",
    meaning: "The OpenAI-compatible server that rewrites prompts, with or without `/v1`.",
  },
  EXTERNAL_MODEL: { kind: "var", group: "Prompts", meaning: "The model of that server." },
  EXTERNAL_API_KEY: { kind: "secret", group: "Prompts", meaning: "The key of that server." },
  IMAGE_EXPIRATION: {
    kind: "var",
    group: "Results",
    meaning: "The seconds after which results are removed. 0 keeps them.",
  },
};
