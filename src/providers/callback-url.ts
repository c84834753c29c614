import type { CallbackTarget } from "../domain/ports/provider.ts";

/** The URL that a provider calls: `path` at the target's origin, with the generation and its token. */
export function callbackUrl(path: string, { origin, generationId, token }: CallbackTarget): string {
  const url = new URL(path, origin);
  url.searchParams.set("generation", generationId);
  url.searchParams.set("token", token);
  return url.href;
}
