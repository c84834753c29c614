/** The one place that fetches a URL that somebody else chose. */
import type { Message, WebhookSender, PostResult } from "../domain/ports/webhook-sender.ts";
import { isPublicHostname, urlProblem } from "../lib/addresses.ts";
import { withDeadline } from "../lib/deadline.ts";
import type { Fetch } from "../lib/fetch.ts";
import type { Timer } from "../lib/change-signal.ts";
import { SECOND } from "../lib/time.ts";
import { discardBody } from "./discard-body.ts";

const WEB: ReadonlySet<string> = new Set(["http:", "https:"]);
const MOST_REDIRECTS = 5;
/** Until the headers of an answer are there. */
const HEADERS_TIMEOUT = 30 * SECOND;
/** What is read of the answer to a POST: enough to see what was wrong. */
const MOST_ANSWER_BYTES = 4 * 1024;

export interface UntrustedFetch {
  readonly fetch: Fetch;
  /** Origins that may be private and without TLS: the simulator in development, an operator's own provider. */
  readonly isTrusted: (url: URL) => boolean;
}

interface Unfetched {
  readonly ok: false;
  readonly problem: "gone" | "unusable" | "forbidden" | "transient";
  readonly reason: string;
}
export type Fetched = { readonly ok: true; readonly response: Response } | Unfetched;

const unfetched = (problem: Unfetched["problem"], reason: string): Unfetched => ({
  ok: false,
  problem,
  reason,
});

type Target = { readonly ok: true; readonly url: string } | Unfetched;

/**
 * The URL that is fetched for a link. A provider, or a host that it redirects to, may give http where https works as well:
 * a public host is only ever asked over TLS. Anything but a private address may be a slip that a fresh link mends.
 */
function targetOf(world: UntrustedFetch, link: string): Target {
  const url = URL.parse(link);
  if (url === null) return unfetched("unusable", "its link cannot be read");
  if (!WEB.has(url.protocol)) return unfetched("unusable", "its link is no http(s) URL");
  const isTrusted = world.isTrusted(url);
  if (!isTrusted && !isPublicHostname(url.hostname))
    return unfetched("forbidden", "its link leads to an address that is not public");
  if (!isTrusted) url.protocol = "https:";
  const problem = urlProblem(url.href, isTrusted);
  return problem === null ? { ok: true, url: url.href } : unfetched("unusable", `its link ${problem}`);
}

/**
 * GETs an untrusted URL, checking it and each redirect before it is followed. The body is still unread; `signal` breaks
 * it off.
 */
export async function fetchUntrusted(
  world: UntrustedFetch,
  url: string,
  signal: AbortSignal,
): Promise<Fetched> {
  let link = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const target = targetOf(world, link);
    if (!target.ok) return target;
    // oxlint-disable-next-line no-await-in-loop -- each redirect is known only from the answer before it
    const response = await get(world.fetch, target.url, signal);
    if (response === null) return unfetched("transient", "no answer");
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get("Location") : null;
    // oxlint-disable-next-line no-await-in-loop
    if (location === null) return await classify(response);
    // oxlint-disable-next-line no-await-in-loop
    await discardBody(response.body);
    link = URL.parse(location, target.url)?.href ?? "";
  }
  return unfetched("unusable", "too many redirects");
}

async function get(fetch: Fetch, url: string, signal: AbortSignal): Promise<Response | null> {
  const headers = { Accept: "image/*, video/*" };
  try {
    return await withDeadline(HEADERS_TIMEOUT, (late) =>
      fetch(url, { redirect: "manual", headers, signal: AbortSignal.any([late, signal]) }),
    );
  } catch {
    return null;
  }
}

/** 403, 404 and 410 are how a link dies; what else is not 200 may pass. */
async function classify(response: Response): Promise<Fetched> {
  if (response.status === 200) return { ok: true, response };
  await discardBody(response.body);
  const problem = [403, 404, 410].includes(response.status) ? "gone" : "transient";
  return unfetched(problem, `HTTP ${response.status}`);
}

interface PosterWorld extends UntrustedFetch {
  readonly timer: Timer;
}

/** POSTs to URLs that somebody else chose. */
export const createWebhookSender = (world: PosterWorld): WebhookSender => ({
  post: (url, message) => post(world, url, message),
});

async function post(world: PosterWorld, url: string, message: Message): Promise<PostResult> {
  const { headers, body, milliseconds } = message;
  const unanswered = (problem: "forbidden" | "transient", reason: string): PostResult => ({
    answered: false,
    problem,
    reason,
  });
  const parsed = URL.parse(url);
  const problem = urlProblem(url, parsed !== null && world.isTrusted(parsed));
  if (problem !== null) return unanswered("forbidden", `the URL ${problem}`);
  const late = new AbortController();
  const callOff = world.timer(milliseconds, () => late.abort());
  try {
    const { signal } = late;
    const response = await world.fetch(url, { method: "POST", redirect: "manual", headers, body, signal });
    return {
      answered: true,
      status: response.status,
      retryAfter: response.headers.get("Retry-After"),
      location: response.headers.get("Location"),
      text: await beginningOf(response),
    };
  } catch {
    const isLate = late.signal.aborted;
    return unanswered("transient", isLate ? `no answer within ${milliseconds / SECOND} s` : "no connection");
  } finally {
    callOff();
  }
}

/** How a body begins, as text. What breaks off, or never ends, is what came of it. */
async function beginningOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      bytes += chunk.length;
      if (bytes >= MOST_ANSWER_BYTES) break;
    }
  } catch {
    // The status is the answer.
  }
  return text;
}
