/**
 * Which credentials are disabled, where a request can read it at once. Only the slots object of a credential writes its mark.
 * A mark may be a minute late, either way: then the generation reports what the answer to its request could not.
 */
import { describeError } from "../../lib/log.ts";
import { HOUR, SECOND } from "../../lib/time.ts";
import { reasonAmong } from "../failure.ts";
import type { CredentialFailure } from "../failure.ts";
import type { Deps } from "../deps.ts";
import type { Provider } from "../ports/provider.ts";
import type { Refusal } from "../refusal.ts";

/** The slots object renews a mark in half that time; without it the key is believed in again. */
const MARK_SECONDS = HOUR / SECOND;

const cacheKeyOf = (key: string): string => `provider-key:${key}`;

type CredentialCache = Pick<Deps, "cache">;

export const markDisabled = (
  { cache }: CredentialCache,
  key: string,
  code: CredentialFailure,
): Promise<void> => cache.put(cacheKeyOf(key), { code }, MARK_SECONDS);

export const clearDisabled = ({ cache }: CredentialCache, key: string): Promise<void> =>
  cache.remove(cacheKeyOf(key));

export interface CredentialState {
  readonly credentialId: string;
  /** Why it is disabled; null when it works as far as is known. */
  readonly reason: CredentialFailure | null;
}

/** The state of every credential of a provider. Without an answer of the cache all count as working. */
export async function credentialStates(
  deps: Pick<Deps, "cache" | "log">,
  provider: Provider,
): Promise<CredentialState[]> {
  const keys = await provider.credentialIds();
  return await Promise.all(
    keys.map(async (credentialId) => {
      const mark = await readMark(deps, credentialId);
      return { credentialId, reason: mark?.code ?? null };
    }),
  );
}

async function readMark(
  deps: Pick<Deps, "cache" | "log">,
  key: string,
): Promise<{ readonly code: CredentialFailure } | null> {
  try {
    return await deps.cache.get(cacheKeyOf(key));
  } catch (error) {
    deps.log.warn("credential_health.unreadable", describeError(error));
    return null;
  }
}

/**
 * Why a job that may go over these protocols, the first of them first, cannot be started now: every key is known not to
 * work. Null when one may.
 */
export async function providerOutage(deps: Deps, protocols: readonly string[]): Promise<Refusal | null> {
  const providers = new Set(protocols.map((protocol) => deps.providers.of(protocol)));
  const outages = await Promise.all([...providers].map((provider) => outageOf(deps, provider)));
  return outages.includes(null) ? null : (outages[0] ?? null);
}

async function outageOf(deps: Deps, provider: Provider): Promise<Refusal | null> {
  const states = await credentialStates(deps, provider);
  const reasons = states.flatMap(({ reason }) => (reason === null ? [] : [reason]));
  if (states.length === 0 || reasons.length < states.length) return null;
  const refused = reasonAmong(reasons);
  return { refused, message: provider.explain(refused).message };
}
