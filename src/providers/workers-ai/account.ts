import type { Fetch } from "../../lib/fetch.ts";

export interface WorkersAiAccount {
  /** Without a slash at its end, e.g. `https://api.cloudflare.com/client/v4`. */
  readonly baseUrl: string;
  readonly accountId: string | null;
  readonly token: string | null;
  readonly fetch: Fetch;
  readonly now: () => number;
}
