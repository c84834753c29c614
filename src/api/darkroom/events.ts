import { Hono } from "hono";
import { follow, watchable } from "../../domain/live/follow-artwork.ts";
import type { Watch } from "../../domain/live/follow-artwork.ts";
import { newestGeneration } from "../../domain/artworks/queries.ts";
import { presentArtwork } from "../../domain/artworks/present.ts";
import { artworkNotFound } from "../../domain/refusal.ts";
import { linksOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { ARTWORK } from "../../http/paths.ts";
import { refuse } from "../../http/dialect.ts";
import { answerLinks } from "./stream-links.ts";
import { lastEventId, streamEvents, streamSocket } from "../../http/notice-stream.ts";
import type { Follow } from "../../http/notice-stream.ts";

/** Live events of an artwork, and links for readers that cannot set headers. */
export const events = new Hono<AppEnv>();

const watchOf = (c: AppContext, artworkId: string): Watch => ({
  owner: c.var.caller.owner,
  artworkId,
  after: lastEventId(c),
});

const following = (c: AppContext, watch: Watch): Follow =>
  async function* notices(gone) {
    const links = linksOf(c);
    for await (const { id, type, view } of follow(c.var.deps, watch, gone)) {
      yield { id, type, data: presentArtwork(view, links) };
    }
  };

events.get(`${ARTWORK}/events`, async (c) => {
  const watch = watchOf(c, c.req.param("id"));
  const state = await watchable(c.var.deps, watch);
  if (state === "gone") return refuse(c, artworkNotFound);
  // A browser stops reconnecting after 204.
  return state === "over" ? c.body(null, 204) : streamEvents(c, following(c, watch));
});

events.get(`${ARTWORK}/ws`, async (c) => {
  const watch = watchOf(c, c.req.param("id"));
  const state = await watchable(c.var.deps, watch);
  return state === "gone" ? refuse(c, artworkNotFound) : streamSocket(c, following(c, watch));
});

events.post(`${ARTWORK}/links`, async (c) => {
  const artwork = await newestGeneration(c.var.deps, c.var.caller.owner, c.req.param("id"));
  if (artwork === null) return refuse(c, artworkNotFound);
  const path = `/api/artworks/${artwork.artworkId}`;
  return await answerLinks(c, { events: `${path}/events`, ws: `${path}/ws` });
});
