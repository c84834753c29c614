import { Hono } from "hono";
import { follow, watchable } from "../generation/follow.ts";
import type { Told, Watch } from "../generation/follow.ts";
import { presentArtwork } from "../generation/present.ts";
import type { Links } from "../generation/present.ts";
import { artworkNotFound } from "../generation/refusal.ts";
import { linksOf } from "../http/context.ts";
import type { AppContext, AppEnv } from "../http/context.ts";
import { ARTWORK } from "../http/paths.ts";
import { problem, refuse } from "../http/problem.ts";
import { eventStream, frame, retryAfter } from "../http/sse.ts";
import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";

/** An artwork's events as they happen: as Server-Sent Events, and over a WebSocket. */
export const events = new Hono<AppEnv>();

/** A reader whose connection drops comes back at once, but not in a storm. */
const COME_BACK_AFTER = 1 * SECOND;

/** The last event that the reader has, by the header that browsers send or by the query; null for none. */
function lastEventId(c: AppContext): number | null {
  const given = c.req.header("Last-Event-ID") ?? c.req.query("lastEventId") ?? "";
  return /^\d{1,15}$/.test(given) ? Number(given) : null;
}

const watchOf = (c: AppContext, artworkId: string): Watch => ({
  owner: c.var.caller.owner,
  artworkId,
  after: lastEventId(c),
});

const toldData = ({ view }: Told, links: Links): string => JSON.stringify(presentArtwork(view, links));

events.get(`${ARTWORK}/events`, async (c) => {
  const { deps } = c.var;
  const watch = watchOf(c, c.req.param("id"));
  const state = await watchable(deps, watch);
  if (state === "gone") return refuse(c, artworkNotFound);
  // What tells a browser to stop coming back.
  if (state === "over") return c.body(null, 204);
  const links = linksOf(c);
  return eventStream(c, async ({ send, gone }) => {
    send(retryAfter(COME_BACK_AFTER));
    for await (const told of follow(deps, watch, gone)) {
      const id = told.id === null ? {} : { id: told.id };
      send(frame({ event: told.type, ...id, data: toldData(told, links) }));
    }
  });
});

events.get(`${ARTWORK}/ws`, async (c) => {
  const watch = watchOf(c, c.req.param("id"));
  if ((await watchable(c.var.deps, watch)) === "gone") return refuse(c, artworkNotFound);
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    const detail = "This path speaks WebSocket. For Server-Sent Events ask for …/events.";
    return problem(c, { code: "upgrade_required", detail, headers: { Upgrade: "websocket" } });
  }
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ours.accept();
  c.executionCtx.waitUntil(tellSocket(c, ours, watch));
  return new Response(null, { status: 101, webSocket: theirs });
});

/** Writes the same news as the stream, each as one message `{id, type, data}`, and closes at their end. */
async function tellSocket(c: AppContext, socket: WebSocket, watch: Watch): Promise<void> {
  const { deps } = c.var;
  const links = linksOf(c);
  const left = new AbortController();
  socket.addEventListener("close", () => left.abort());
  socket.addEventListener("error", () => left.abort());
  try {
    for await (const { id, type, view } of follow(deps, watch, left.signal)) {
      socket.send(JSON.stringify({ id, type, data: presentArtwork(view, links) }));
    }
    if (!left.signal.aborted) socket.close(1_000, "That is all.");
  } catch (error) {
    deps.log.error("socket.broken_off", { artworkId: watch.artworkId, ...describeError(error) });
    if (!left.signal.aborted) socket.close(1_011, "Come back with your last id.");
  }
}
