/** The one place that fetches a URL that somebody else chose. */
import { urlProblem } from "../lib/addresses.ts";
import type { Fetch } from "../lib/fetch.ts";
import { MINUTE, SECOND } from "../lib/time.ts";

const MOST_REDIRECTS = 5;
/** Until the headers of an answer are there. */
const HEADERS_TIMEOUT = 30 * SECOND;
/** Until a whole film is there. A Durable Object's alarm may run for 15 minutes. */
const BODY_TIMEOUT = 10 * MINUTE;

export interface UntrustedFetch {
  readonly fetch: Fetch;
  /** Hosts that may be private and spoken to without TLS: the simulator in development, an operator's own upstream. */
  readonly isTrustedHost: (hostname: string) => boolean;
}

interface Unfetched {
  readonly ok: false;
  readonly problem: "gone" | "unusable" | "forbidden" | "trouble";
  readonly reason: string;
}
export type Fetched = { readonly ok: true; readonly response: Response } | Unfetched;

const unfetched = (problem: Unfetched["problem"], reason: string): Unfetched => ({
  ok: false,
  problem,
  reason,
});

const linkProblem = (world: UntrustedFetch, link: string): string | null =>
  urlProblem(link, world.isTrustedHost(URL.parse(link)?.hostname ?? ""));

/** GETs an untrusted URL, checking it and each redirect before it is followed. The body is still unread. */
export async function fetchUntrusted(world: UntrustedFetch, url: string): Promise<Fetched> {
  let target = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const problem = linkProblem(world, target);
    if (problem !== null) return unfetched("forbidden", `the URL ${problem}`);
    // oxlint-disable-next-line no-await-in-loop -- each redirect is known only from the answer before it
    const response = await get(world.fetch, target);
    if (response === null) return unfetched("trouble", "no answer");
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get("Location") : null;
    if (location === null) return classify(response);
    // oxlint-disable-next-line no-await-in-loop
    await response.body?.cancel();
    target = URL.parse(location, target)?.href ?? "";
  }
  return unfetched("unusable", "too many redirects");
}

async function get(fetch: Fetch, url: string): Promise<Response | null> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), HEADERS_TIMEOUT);
  try {
    const signal = AbortSignal.any([late.signal, AbortSignal.timeout(BODY_TIMEOUT)]);
    return await fetch(url, { redirect: "manual", headers: { Accept: "image/*, video/*" }, signal });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** 403, 404 and 410 are how a link dies; what else is not 200 may pass. */
function classify(response: Response): Fetched {
  if (response.status === 200) return { ok: true, response };
  const problem = [403, 404, 410].includes(response.status) ? "gone" : "trouble";
  return unfetched(problem, `HTTP ${response.status}`);
}
