import type { Config } from "../env.ts";
import { isLoopbackHostname, isPrivateOrigin } from "../lib/addresses.ts";

/**
 * Private addresses from which results may be fetched: this machine, in development and where the provider runs on it (such
 * as the simulator); and the origin of a private provider, which the operator has chosen. Another port of that host is
 * another service.
 */
export const trustedUrls = (config: Config) => {
  const provider = new URL(config.KIE_API_BASE_URL);
  const isPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
  const trustsLoopback = config.DEV_MODE || isLoopbackHostname(provider.hostname);
  return (url: URL): boolean =>
    (trustsLoopback && isLoopbackHostname(url.hostname)) || (isPrivate && url.origin === provider.origin);
};
