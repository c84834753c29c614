import { followFeed } from "../../domain/live/follow-owner.ts";
import type { FeedTold } from "../../domain/live/follow-owner.ts";
import { presentArtwork } from "../../domain/artworks/present.ts";
import type { Links } from "../../domain/artworks/present.ts";
import { linksOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { routesAt } from "../../http/on-demand.ts";
import { answerLinks } from "../../http/stream-links.ts";
import { lastEventId, tellByEvents, tellBySocket } from "../../http/notice-stream.ts";
import type { Follow } from "../../http/notice-stream.ts";

/** The events of everything that the caller has, as they happen. */
export const feed = routesAt("/api/events");

const following = (c: AppContext): Follow =>
  async function* notices(gone) {
    const watch = { owner: c.var.caller.owner, after: lastEventId(c) };
    const links = linksOf(c);
    for await (const told of followFeed(c.var.deps, watch, gone)) {
      yield { id: told.id, type: told.type, data: dataOf(told, links) };
    }
  };

/** Of an artwork that is there no more, its id is all that can be told. */
function dataOf(told: FeedTold, links: Links): object {
  if ("page" in told) {
    const data = told.page.items.map((view) => presentArtwork(view, links));
    return { object: "list", data, hasMore: told.page.hasMore, lastId: data.at(-1)?.id ?? null };
  }
  return told.view === null
    ? { id: told.artworkId, object: "artwork", deleted: true }
    : presentArtwork(told.view, links);
}

feed.get("/", (c) => tellByEvents(c, following(c)));

feed.get("/ws", (c) => tellBySocket(c, following(c)));

feed.post("/links", (c) => answerLinks(c, { events: "/api/events", ws: "/api/events/ws" }));
