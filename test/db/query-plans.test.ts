import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { artworkPage } from "../../src/domain/artworks/queries.ts";
import { overdueArtworks } from "../../src/domain/generations/queries.ts";
import { unusedUploads, useUploads } from "../../src/domain/uploads/upload-rows.ts";
import { sweep } from "../../src/domain/sweep.ts";
import { deliveryPage } from "../../src/domain/webhooks/log.ts";
import { generate, statusOf } from "../support/expect.ts";
import { png } from "../support/fixtures/images.ts";
import { createWorld } from "../support/harness.ts";
import { plansOf, slowSteps } from "../support/query-plans.ts";
import { upload } from "../support/upload.ts";
import { ask, createWebhook, createWebhookWorld, onlyDelivery } from "../domain/webhooks/receiver.ts";

/** The steps of a statement's plan. The values of its parameters do not change it. */
async function planOf(sql: string): Promise<string[]> {
  const values = sql
    .split("?")
    .slice(1)
    .map(() => null);
  const { results } = await env.DB.prepare(`explain query plan ${sql}`)
    .bind(...values)
    .all<{ detail: string }>();
  return results.map((step) => step.detail);
}

/** Steps of a plan that read a whole table. `json_each` walks a parameter, and `max()` a single key range. */
async function scansOf(sql: string): Promise<string[]> {
  return (await planOf(sql)).filter((detail) => /^SCAN (?!json_each|pair|CONSTANT ROW)/.test(detail));
}

describe("query plans", () => {
  it("of a whole generation never scan a table", async () => {
    const world = createWorld();
    world.queries.reset();
    const { id } = await upload(world, await png());
    await world.call("GET", `/api/uploads/${id}`);
    const artwork = await generate(world, { prompt: "a fox [sim:create-drop]", images: [id] });
    await world.pass(60_000);
    await statusOf(world, artwork.id);
    await world.call("GET", `/api/artworks/${artwork.id}`);
    await world.call("POST", `/api/artworks/${artwork.id}/regenerate`, {
      body: { prompt: "a fox [sim:stuck]" },
    });
    await world.settle();
    await world.call("GET", `/api/artworks/${artwork.id}`);
    await world.call("GET", `/api/artworks/${artwork.id}/generations`);
    await world.call("GET", `/api/artworks/${artwork.id}/timeline?after=2`);
    await world.call("POST", `/api/artworks/${artwork.id}/cancel`);
    await world.call("DELETE", `/api/artworks/${artwork.id}`);
    await world.call("DELETE", `/api/uploads/${id}`);
    await world.settle();
    const statements = new Set(world.queries.trips.flatMap((trip) => trip.split(";\n")));
    expect(statements.size).toBeGreaterThan(20);
    const scans = await Promise.all([...statements].map(async (sql) => ({ sql, scans: await scansOf(sql) })));
    expect(scans.filter((plan) => plan.scans.length > 0)).toEqual([]);
  });

  it.each([
    ["the gallery", {}, "artworks_by_owner"],
    ["its next page", { after: "art_1" }, "artworks_by_owner"],
    ["one status", { status: "ready" as const }, "artworks_by_owner_status"],
    ["one model", { model: "flux-kontext-pro" }, "artworks_by_owner_model"],
  ])("of %s use its index, in its order", async (_name, filter, index) => {
    const { deps } = createWorld();
    const { sql } = artworkPage(deps, "root", { limit: 20, ...filter }).toSQL();
    const plan = (await planOf(sql)).join("\n");
    expect(plan).toContain(`USING INDEX ${index} `);
    expect(plan).not.toContain("TEMP B-TREE");
    expect(plan).not.toMatch(/^SCAN/m);
  });

  it("of webhooks, from the first delivery to the last of the log, never scan a table or sort", async () => {
    const world = createWebhookWorld();
    world.queries.reset();
    const { id, url } = await createWebhook(world, { url: "https://plans.example/" });
    world.answer(url, () => new Response(null, { status: 500 }));
    const artwork = await generate(world, { prompt: "a fox", webhookUrl: "https://plans.example/2" });
    await world.pass(20_000);
    const delivery = await onlyDelivery(world, `artwork=${artwork.id}&status=pending&after=whd_z&limit=1`);
    await ask(world, "POST", `/api/webhooks/deliveries/${delivery.id}/redeliver`);
    await ask(world, "GET", `/api/webhooks/deliveries/${delivery.id}`);
    await ask(world, "POST", `/api/webhooks/${id}/test`);
    await ask(world, "POST", `/api/webhooks/${id}/rotate`);
    await ask(world, "POST", "/api/webhooks/secret/rotate");
    await ask(world, "GET", "/api/webhooks?after=whe_z");
    world.answer(url, () => new Response(null, { status: 410 }));
    await world.pass(1_000);
    await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: true });
    await ask(world, "DELETE", `/api/artworks/${artwork.id}`);
    await world.pass(1_000);
    await ask(world, "DELETE", `/api/webhooks/${id}`);
    await sweep(world.deps);
    const trips = world.queries.trips.filter((sql) => sql.includes("webhook_"));
    expect(trips.length).toBeGreaterThan(20);
    expect(await slowSteps(trips)).toEqual([]);
    const plans = (await plansOf(trips)).join("\n");
    const indexes = [
      "endpoints_by_owner",
      "deliveries_by_due",
      "deliveries_by_receiver",
      "deliveries_by_artwork",
    ];
    expect(indexes.filter((index) => !plans.includes(`INDEX webhook_${index} `))).toEqual([]);
  });

  it.each([
    ["whole", {}, "webhook_deliveries_by_owner"],
    ["next page of the", { after: "whd_1" }, "webhook_deliveries_by_owner"],
    ["failed part of the", { status: "failed" as const }, "webhook_deliveries_by_status"],
    ["artwork's part of the", { artwork: "art_1" }, "webhook_deliveries_by_artwork"],
  ])("of the %s delivery log use its index, in its order", async (_name, filter, index) => {
    const { sql } = deliveryPage(createWorld().deps, "root", { limit: 20, ...filter }).toSQL();
    const plan = (await planOf(sql)).join("\n");
    expect(plan).toContain(`USING INDEX ${index} `);
    expect(plan).not.toMatch(/TEMP B-TREE|^SCAN/m);
  });

  it("of the sweep read only due rows", async () => {
    const world = createWorld();
    world.queries.reset();
    await overdueArtworks(world.deps, Date.now(), 10);
    const plan = (await planOf(world.queries.trips[0] ?? "")).join("\n");
    expect(plan).toContain("USING INDEX generations_by_due (due_at>? AND due_at<?)");
  });

  it("of unused uploads read only expired rows", async () => {
    const { deps } = createWorld();
    const plan = await planOf(unusedUploads(deps, 10).toSQL().sql);
    expect(plan).toEqual(["SEARCH uploads USING INDEX uploads_by_last_use (last_used_at<?)"]);
  });

  it("of a request's uploads read only these", async () => {
    const world = createWorld();
    world.queries.reset();
    await useUploads(world.deps, "root", ["upl_1", "upl_2"]);
    const plan = (await planOf(world.queries.trips[0] ?? "")).join("\n");
    expect(plan).toContain("SEARCH uploads USING INDEX sqlite_autoindex_uploads_1 (id=?)");
  });
});
