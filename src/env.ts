import * as z from "zod";
import type { ArtworkActorRpc } from "./generation/actor.ts";

/** What wrangler.toml binds. */
export interface Bindings {
  readonly DB: D1Database;
  readonly MEDIA: R2Bucket;
  readonly CACHE: KVNamespace;
  readonly ARTWORKS: DurableObjectNamespace<ArtworkActorRpc>;
}

export type Env = Bindings & Readonly<Partial<Record<keyof typeof VARIABLES, string>>>;

const optional = z
  .string()
  .trim()
  .transform((text) => (text === "" ? null : text))
  .nullish()
  .default(null);
const flag = z
  .enum(["", "0", "1", "false", "true"])
  .default("")
  .transform((text) => text === "1" || text === "true");
const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

const httpUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? "");
const withoutSlash = (text: string) => text.replace(/\/+$/, "");
const url = (fallback: string) =>
  z
    .string()
    .trim()
    .default("")
    .transform((text) => text || fallback)
    .refine(httpUrl, "must be an http(s) URL");
const optionalUrl = z
  .string()
  .trim()
  .default("")
  .refine((text) => text === "" || httpUrl(text), "must be an http(s) URL")
  .transform((text) => (text === "" ? null : withoutSlash(text)));
const textOr = (fallback: string) =>
  z
    .string()
    .trim()
    .default("")
    .transform((text) => text || fallback);

/** Every variable and secret of this service, written once; README's table has the same names. */
const VARIABLES = {
  KIE_API_KEY: list,
  KIE_API_BASE_URL: url("https://api.kie.ai").transform((text) =>
    withoutSlash(text.replace(/\/api\/v1(\/.*)?$/, "")),
  ),
  KIE_DEFAULT_MODEL: textOr("flux-kontext-pro"),
  KIE_DEFAULT_ASPECT_RATIO: textOr("1:1"),
  KIE_DEFAULT_OUTPUT_FORMAT: textOr("jpeg"),
  KIE_DEFAULT_SAFETY_TOLERANCE: textOr("2").transform(Number).pipe(z.int().min(0).max(6)),
  API_KEY: optional,
  DEV_MODE: flag,
  WEBHOOK_BASE_URL: optionalUrl,
  MEDIA_BASE_URL: optionalUrl,
  CORS_ORIGINS: list,
} as const;

const Variables = z.object(VARIABLES);
export type Config = z.infer<typeof Variables>;

/** The configuration names variables that cannot be used as they are. The message names them, never their values. */
export class ConfigError extends Error {}

/** The only reader of variables and secrets. Throws `ConfigError`. */
export function readConfig(env: Env): Config {
  const parsed = Variables.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ConfigError(`The configuration is wrong. ${problems.join("; ")}`);
}
