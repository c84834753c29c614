import { Hono } from "hono";
import { followFeed } from "../../domain/live/follow-owner.ts";
import type { OwnerNotice } from "../../domain/live/follow-owner.ts";
import { presentArtwork } from "../../domain/artworks/present.ts";
import type { Links } from "../../domain/artworks/present.ts";
import { linksOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { answerLinks } from "./stream-links.ts";
import { lastEventId, streamEvents, streamSocket } from "../../http/notice-stream.ts";
import type { Follow } from "../../http/notice-stream.ts";

/** Live events of all artworks of the caller. */
export const feed = new Hono<AppEnv>();

const following = (c: AppContext): Follow =>
  async function* notices(gone) {
    const watch = { owner: c.var.caller.owner, after: lastEventId(c) };
    const links = linksOf(c);
    for await (const notice of followFeed(c.var.deps, watch, gone)) {
      yield { id: notice.id, type: notice.type, data: dataOf(notice, links) };
    }
  };

/** The data of a notice; only the id of a deleted artwork is left. */
function dataOf(notice: OwnerNotice, links: Links): object {
  if ("page" in notice) {
    const data = notice.page.items.map((view) => presentArtwork(view, links));
    return { object: "list", data, hasMore: notice.page.hasMore, lastId: data.at(-1)?.id ?? null };
  }
  return notice.view === null
    ? { id: notice.artworkId, object: "artwork", deleted: true }
    : presentArtwork(notice.view, links);
}

feed.get("/", (c) => streamEvents(c, following(c)));

feed.get("/ws", (c) => streamSocket(c, following(c)));

feed.post("/links", (c) => answerLinks(c, { events: "/api/events", ws: "/api/events/ws" }));
