import { Hono } from "hono";
import * as z from "zod/mini";
import { cancelGeneration } from "../../domain/artworks/cancel.ts";
import { deleteArtwork } from "../../domain/artworks/delete.ts";
import { presentArtwork, presentEvent, presentGeneration } from "../../domain/artworks/present.ts";
import { eventsAfter, newestGeneration } from "../../domain/artworks/queries.ts";
import { RequestBody } from "../../lib/request-body.ts";
import { artworkNotFound, isRefusal } from "../../domain/refusal.ts";
import { requestGeneration, requestRegeneration } from "../../domain/requests/request.ts";
import {
  completeView,
  PAGE_SIZE,
  viewArtwork,
  viewGenerations,
  viewPage,
} from "../../domain/artworks/views.ts";
import { linksOf, originOf, scopeOf } from "../../http/context.ts";
import type { AppEnv } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { ARTWORK } from "../../http/paths.ts";
import { wakeLater } from "../../http/scope.ts";
import { json, query } from "../../http/validate.ts";
import { accept } from "./accept.ts";

export const artworks = new Hono<AppEnv>();

artworks.post("/generate", json(RequestBody), (c) => {
  const input = { body: c.req.valid("json"), origin: originOf(c) };
  return accept(c, {
    route: "generate",
    record: (idempotency) => requestGeneration(c.var.deps, c.var.caller, { ...input, idempotency }),
  });
});

artworks.post(`${ARTWORK}/regenerate`, json(RequestBody, { emptyIsObject: true }), (c) => {
  const artworkId = c.req.param("id");
  const input = { artworkId, body: c.req.valid("json"), origin: originOf(c) };
  return accept(c, {
    route: `regenerate ${artworkId}`,
    record: (idempotency) => requestRegeneration(c.var.deps, c.var.caller, { ...input, idempotency }),
  });
});

const wholeNumber = (least: number, most: number) =>
  z.coerce.number().check(z.int(), z.minimum(least), z.maximum(most));
const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));

const ListQuery = z.strictObject({
  limit: z._default(wholeNumber(1, 100), PAGE_SIZE),
  after: z.optional(z.string().check(z.regex(/^art_[0-9a-z]{1,100}$/, "must be the lastId of a page"))),
  status: z.optional(z.enum(["draft", "ready", "failed"])),
  model: z.optional(text(200)),
});

artworks.get("/", query(ListQuery), async (c) => {
  const page = await viewPage(c.var.deps, c.var.caller.owner, c.req.valid("query"));
  const data = page.items.map((view) => presentArtwork(view, linksOf(c)));
  return c.json({ object: "list", data, hasMore: page.hasMore, lastId: data.at(-1)?.id ?? null });
});

artworks.get(ARTWORK, async (c) => {
  const view = await viewArtwork(c.var.deps, c.var.caller.owner, c.req.param("id"));
  return view === null ? refuse(c, artworkNotFound) : c.json(presentArtwork(view, linksOf(c)));
});

artworks.delete(ARTWORK, async (c) => {
  const artworkId = c.req.param("id");
  const refusal = await deleteArtwork(c.var.deps, c.var.caller, artworkId);
  if (refusal !== null) return refuse(c, refusal);
  wakeLater(scopeOf(c), artworkId);
  return c.body(null, 204);
});

artworks.post(`${ARTWORK}/cancel`, async (c) => {
  const canceled = await cancelGeneration(c.var.deps, c.var.caller, c.req.param("id"));
  if (isRefusal(canceled)) return refuse(c, canceled);
  wakeLater(scopeOf(c), canceled.artwork.id);
  const view = await completeView(c.var.deps, canceled);
  const message = canceled.mayBeBilled
    ? "Canceled. The provider has or may have the job, supports no cancellation and may still bill it."
    : "Canceled before the provider received the job. Nothing is billed.";
  const cancellation = { mayBeBilled: canceled.mayBeBilled, message };
  return c.json({ ...presentArtwork(view, linksOf(c)), cancellation }, 202);
});

artworks.get(`${ARTWORK}/generations`, async (c) => {
  const newest = await newestGeneration(c.var.deps, c.var.caller.owner, c.req.param("id"));
  if (newest === null) return refuse(c, artworkNotFound);
  const views = await viewGenerations(c.var.deps, newest.artworkId);
  return c.json({ object: "list", data: views.map((view) => presentGeneration(view, linksOf(c))) });
});

const TimelineQuery = z.strictObject({
  after: z._default(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  limit: z._default(wholeNumber(1, 500), 100),
});

artworks.get(`${ARTWORK}/timeline`, query(TimelineQuery), async (c) => {
  const newest = await newestGeneration(c.var.deps, c.var.caller.owner, c.req.param("id"));
  if (newest === null) return refuse(c, artworkNotFound);
  const page = c.req.valid("query");
  const rows = await eventsAfter(c.var.deps, newest.artworkId, page);
  const data = rows.slice(0, page.limit).map(presentEvent);
  return c.json({ object: "list", data, hasMore: rows.length > page.limit, lastId: data.at(-1)?.id ?? null });
});
