import { withWords } from "../../domain/failure.ts";
import type { Failure } from "../../domain/failure.ts";

const TOKEN =
  'Cloudflare refused CF_API_TOKEN. Give the token the permission "Workers AI" for the account that CF_ACCOUNT_ID names, or set another token.';
const ACCOUNT =
  "Cloudflare knows no account of this id. Set CF_ACCOUNT_ID to the id that its dashboard shows for the account.";

/** The token does not open this door. */
export const credentialRefused = (said?: string): Failure => ({
  code: "provider_key_invalid",
  message: withWords(TOKEN, said),
});

/** There is no such account. */
export const accountUnknown = (said: string): Failure => ({
  code: "provider_key_invalid",
  message: withWords(ACCOUNT, said),
});
