import { htmlPage } from "./answers.ts";
import { Fault } from "./faults.ts";
import { sideLinks } from "./links.ts";
import { scenarioAtTurn } from "./markers.ts";
import type { SimulatorOptions } from "./options.ts";
import type { Served } from "./served.ts";
import type { ScenarioName } from "./scenarios.ts";
import { dribble, endless } from "./streams.ts";

/** One fetch of a result link. */
interface LinkFetch {
  readonly served: Served;
  /** Which fetch of this result it is, from 1. */
  readonly fetches: number;
  readonly request: Request;
  /** By a download link, which lives although the result's own may be dead; the file is no better there. */
  readonly isDownload: boolean;
  readonly options: SimulatorOptions;
}

/** How many bytes too many `link-lying-length` promises. */
const LIE = 1000;

/** Into how many pieces `link-slow` cuts its bytes. */
const PIECES = 10;

/** Each answers the fetch, or null where it goes well this time. Of several, the first in the prompt that answers wins. */
const BEHAVIOURS: Partial<Record<ScenarioName, (fetch: LinkFetch) => Response | null>> = {
  "link-gone": ({ served }) => (isGone(served) ? htmlPage(404, "Not Found") : null),
  "variant-missing": ({ served }) => (isGone(served) ? htmlPage(404, "Not Found") : null),
  "link-stale": ({ isDownload }) => (isDownload ? null : htmlPage(404, "Not Found")),
  "link-expired": expired,
  "link-redirect": ({ served, options, request }) =>
    redirect(sameFile(sideLinks(served.task, options.origin, "mirror"), request)),
  "link-redirect-private": () => redirect("http://169.254.169.254/latest/meta-data"),
  "link-redirect-loop": ({ request }) => redirect(request.url),
  "link-html": () => htmlPage(200, "Just a moment..."),
  "link-empty": ({ served }) =>
    new Response(null, { headers: { "Content-Type": served.contentType, "Content-Length": "0" } }),
  "link-text-as-png": () =>
    new Response("upstream request timeout", { headers: { "Content-Type": "image/png" } }),
  "link-lying-length": lie,
  "link-huge": huge,
  "link-slow": slow,
};

/** Whether a file is lost for ever, whatever link leads to it. */
const isGone = ({ task: { scenario }, index }: Pick<Served, "task" | "index">): boolean =>
  scenario.has("link-gone") || scenario.get("variant-missing") === index;

/** What the result host does wrong with this fetch; null: nothing. */
export function misbehave(fetch: LinkFetch): Response | null {
  const { scenario } = fetch.served.task;
  const hiccup = scenarioAtTurn(scenario, ["link-404", "link-500"], fetch.fetches);
  if (hiccup === "link-404") return htmlPage(404, "Not Found");
  if (hiccup === "link-500") return htmlPage(500, "Internal Server Error");
  for (const name of scenario.keys()) {
    const response = BEHAVIOURS[name]?.(fetch) ?? null;
    if (response !== null) return response;
  }
  return scenario.has("link-chunked") ? chunked(fetch.served, endless(fetch.served.bytes, 0)) : null;
}

/** The first link is dead from the start; each status read after a 403 gives another, which works. */
function expired({ served: { task }, request, isDownload }: LinkFetch): Response | null {
  if (isDownload) return null;
  const edition = new URL(request.url).searchParams.get("token");
  if (task.linkEdition > 1 && edition === String(task.linkEdition)) return null;
  task.linkRefused = task.linkEdition === 1;
  return new Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", {
    status: 403,
    headers: { "Content-Type": "application/xml" },
  });
}

function lie({ served }: LinkFetch): never {
  const headers = { ...served.headers, "Content-Length": String(served.bytes.length + LIE) };
  throw new Fault({ kind: "cut", headers, body: served.bytes });
}

function huge({ served }: LinkFetch): Response {
  const length = Math.max(served.bytes.length, (served.task.scenario.get("link-huge") ?? 0) * 1024 * 1024);
  const body = endless(served.bytes, length);
  if (served.task.scenario.has("link-chunked")) return chunked(served, body);
  return new Response(body, {
    headers: { "Content-Type": served.contentType, "Content-Length": String(length) },
  });
}

/** In a few pieces, evenly spread over the asked time. */
function slow({ served, options }: LinkFetch): Response {
  const size = Math.ceil(served.bytes.length / PIECES);
  const pieces = Array.from({ length: PIECES }, (_, index) =>
    served.bytes.slice(index * size, (index + 1) * size),
  );
  const everyMs = ((served.task.scenario.get("link-slow") ?? 0) * 1000) / PIECES;
  return new Response(dribble(pieces, everyMs, options.schedule), { headers: served.headers });
}

/** The header is for the Node server, which would otherwise measure a short stream and add a length. */
function chunked(served: Served, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  return new Response(body, {
    headers: { "Content-Type": served.contentType, "Transfer-Encoding": "chunked" },
  });
}

function sameFile(links: readonly string[], request: Request): string {
  const file = new URL(request.url).pathname.split("/").at(-1) ?? "";
  return links.find((link) => link.endsWith(`/${file}`)) ?? request.url;
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location } });
}
