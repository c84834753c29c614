import * as z from "zod/mini";
import { fieldIssues, parse } from "./lib/issues.ts";

const trimmed = z._default(z.string().check(z.trim()), "");
const orNull = (text: string): string | null => (text === "" ? null : text);
const items = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
const isUrl = (text: string): boolean => text === "" || /^https?:$/.test(URL.parse(text)?.protocol ?? "");
const isRedisUrl = (text: string): boolean =>
  text === "" || /^rediss?:$/.test(URL.parse(text)?.protocol ?? "");
const withoutSlash = (text: string): string => text.replace(/\/+$/, "");

const optional = z.pipe(trimmed, z.transform(orNull));
const list = z.pipe(trimmed, z.transform(items));
const flag = z.pipe(
  z._default(z.enum(["", "0", "1", "false", "true"]), ""),
  z.transform((text) => /1|true/.test(text)),
);
const textOr = (fallback: string) =>
  z.pipe(
    trimmed,
    z.transform((text) => text || fallback),
  );
const url = z._default(z.string().check(z.trim(), z.refine(isUrl, "must be an http(s) URL")), "");
const optionalUrl = z.pipe(
  url,
  z.transform((text) => orNull(withoutSlash(text))),
);

const urlOr = (fallback: string) =>
  z.pipe(
    url,
    z.transform((text) => withoutSlash(text) || fallback),
  );
const optionalRedisUrl = z.pipe(
  trimmed.check(z.refine(isRedisUrl, "must be a redis(s) URL")),
  z.transform(orNull),
);
const uploadHost = z.pipe(textOr("r2"), z.enum(["r2", "kie", "imgbb"]));

/** KIE's documentation shows the base with and without the path; the code adds the path itself. */
const kieBase = z.pipe(
  url,
  z.transform((text) => withoutSlash(text.replace(/\/api\/v1(\/.*)?$/, "")) || "https://api.kie.ai"),
);
const wholeNumber = (least: number, most: number, fallback: number) =>
  z.pipe(
    textOr(String(fallback)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(least), z.maximum(most))),
  );

/** With and without its /v1, and the whole path where somebody has copied that. */
const chatBase = z.pipe(
  url,
  z.transform((text) =>
    orNull(withoutSlash(text.replace(/(\/chat\/completions)?\/*$/, "")).replace(/\/v1$/, "")),
  ),
);
/** A hundred years: more is "for ever", which is 0. */
const MOST_SECONDS = 3_155_760_000;

/** Every variable and secret of this service, written once. `src/dev/docs/variables.ts` describes each. */
export const VARIABLES = {
  KIE_API_KEY: list,
  KIE_WEBHOOK_HMAC_KEY: optional,
  KIE_API_BASE_URL: kieBase,
  KIE_DEFAULT_MODEL: optional,
  KIE_DEFAULT_ASPECT_RATIO: textOr("1:1"),
  KIE_DEFAULT_OUTPUT_FORMAT: textOr("jpeg"),
  KIE_DEFAULT_SAFETY_TOLERANCE: wholeNumber(0, 6, 2),
  KIE_ALLOW_ANY_MODEL: flag,
  API_KEY: optional,
  DEV_MODE: flag,
  LINK_SIGNING_KEY: optional,
  WEBHOOK_BASE_URL: optionalUrl,
  MEDIA_BASE_URL: optionalUrl,
  UPLOAD_HOST: uploadHost,
  KIE_UPLOAD_BASE_URL: urlOr("https://kieai.redpandaai.co"),
  IMGBB_API_KEY: optional,
  IMGBB_API_BASE_URL: urlOr("https://api.imgbb.com"),
  CF_ACCOUNT_ID: optional,
  CF_API_TOKEN: optional,
  CF_API_BASE_URL: urlOr("https://api.cloudflare.com/client/v4"),
  FLUX_NUM_STEPS: wholeNumber(1, 8, 4),
  PROMPT_OPTIMIZATION: flag,
  EXTERNAL_API_BASE: chatBase,
  EXTERNAL_MODEL: optional,
  EXTERNAL_API_KEY: optional,
  IMAGE_EXPIRATION: wholeNumber(0, MOST_SECONDS, 0),
  CORS_ORIGINS: list,
  REDIS_URL: optionalRedisUrl,
} as const;

const Schema = z.object(VARIABLES);
export type Config = z.infer<typeof Schema>;

/** The variables and secrets as wrangler hands them over: texts, or nothing. */
export type Variables = Readonly<Partial<Record<keyof typeof VARIABLES, string>>>;

/** The configuration names variables that cannot be used as they are. The message names them, never their values. */
export class ConfigError extends Error {}

/** A Worker's bindings are one object as long as it runs, so that they are parsed once. */
const known = new WeakMap<Variables, Config>();

/** The only reader of variables and secrets. Throws `ConfigError`. */
export function readConfig(env: Variables): Config {
  const before = known.get(env);
  if (before !== undefined) return before;
  const parsed = parse(Schema, env);
  if (parsed.success) {
    known.set(env, parsed.data);
    return parsed.data;
  }
  const problems = fieldIssues(parsed.error).map(({ path, message }) => `${path} ${message}`);
  throw new ConfigError(`The configuration is wrong. ${problems.join("; ")}`);
}
