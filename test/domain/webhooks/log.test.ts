import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { sweep } from "../../../src/domain/sweep.ts";
import { createEndpoint } from "../../../src/domain/webhooks/endpoints.ts";
import { isRefusal } from "../../../src/domain/refusal.ts";
import { recordTest } from "../../../src/domain/webhooks/log.ts";
import { DAY, SECOND } from "../../../src/lib/time.ts";
import { generate } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { ask, createWebhook, createWebhookWorld, deliveries, newUrl } from "./receiver.ts";
import type { WebhookBody } from "./receiver.ts";

afterEach(() => env.DB.exec("delete from webhook_endpoints"));

/** An endpoint of another owner, and a delivery to it. */
async function ofStranger(world: World): Promise<{ webhook: string; delivery: string }> {
  const eve = { owner: `eve ${crypto.randomUUID()}` };
  const made = await createEndpoint(world.deps, eve, { url: newUrl() });
  if (isRefusal(made)) throw new Error(made.message);
  const delivery = await recordTest(world.deps, eve, made.id);
  return { webhook: made.id, delivery: delivery?.id ?? "" };
}

describe("other people's webhooks", () => {
  it.each([
    ["GET", "webhook", ""],
    ["PATCH", "webhook", ""],
    ["DELETE", "webhook", ""],
    ["POST", "webhook", "/rotate"],
    ["POST", "webhook", "/test"],
    ["GET", "delivery", ""],
    ["POST", "delivery", "/redeliver"],
  ] as const)("are 404 to %s a %s%s", async (method, kind, action) => {
    const world = createWorld();
    const stranger = await ofStranger(world);
    const base = kind === "webhook" ? "/api/webhooks" : "/api/webhooks/deliveries";
    const path = `${base}/${stranger[kind]}${action}`;
    const response = await world.call(method, path, method === "PATCH" ? { body: { enabled: false } } : {});
    expect(response.status).toBe(404);
    const row = await env.DB.prepare("select disabled_at from webhook_endpoints where id = ?")
      .bind(stranger.webhook)
      .first();
    expect(row).toEqual({ disabled_at: null });
  });

  it("are only in their owner's lists and receive only their owner's artworks", async () => {
    const world = createWebhookWorld();
    const { delivery } = await ofStranger(world);
    await generate(world, { prompt: "a fox" });
    await world.settle();
    expect((await ask<{ data: unknown[] }>(world, "GET", "/api/webhooks")).data).toEqual([]);
    expect((await deliveries(world, "limit=100")).map(({ id }) => id)).not.toContain(delivery);
    expect(world.received).toEqual([]);
  });

  it("are 401 without the key", async () => {
    const world = createWorld();
    const paths = ["/api/webhooks", "/api/webhooks/secret", "/api/webhooks/deliveries"];
    const answers = paths.map((path) => world.call("GET", path, { headers: { Authorization: "" } }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});

describe("an owner's secret", () => {
  it("is created on the first read and is the same for simultaneous reads", async () => {
    const world = createWorld();
    await env.DB.exec("delete from webhook_secrets");
    const asked = Array.from({ length: 5 }, () => ask<WebhookBody>(world, "GET", "/api/webhooks/secret"));
    const secrets = new Set((await Promise.all(asked)).map(({ secret }) => secret));
    expect(secrets.size).toBe(1);
    expect([...secrets][0]).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe("the delivery log", () => {
  it("is filtered by artwork and status, page by page, newest first", async () => {
    const world = createWebhookWorld();
    const { url } = await createWebhook(world, { url: newUrl() });
    world.answer(
      url,
      ({ body }) => new Response(null, { status: body.includes("artwork.queued") ? 500 : 200 }),
    );
    const { id } = await generate(world, { prompt: "a fox" });
    await generate(world, { prompt: "an owl" });
    await world.pass(4 * SECOND);
    const all = await deliveries(world, `artwork=${id}`);
    expect(all.map(({ type }) => type)).toEqual([
      "artwork.completed",
      "artwork.storing",
      "artwork.processing",
      "artwork.queued",
    ]);
    expect((await deliveries(world, `artwork=${id}&status=pending`)).map(({ type }) => type)).toEqual([
      "artwork.queued",
    ]);
    const next = await deliveries(world, `artwork=${id}&limit=2&after=${all[1]?.id}`);
    expect(next.map((one) => one.id)).toEqual(all.slice(2).map((one) => one.id));
    expect(all.every((one) => !("body" in one))).toBe(true);
  });

  it.each(["status=done", "limit=0", "page=2"])("refuses ?%s with 422", async (search) => {
    expect((await createWorld().call("GET", `/api/webhooks/deliveries?${search}`)).status).toBe(422);
  });

  it("keeps a delivery for thirty days", async () => {
    const world = createWebhookWorld();
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: newUrl() });
    await world.pass(10 * SECOND);
    await world.clock.advance(30 * DAY - 20 * SECOND);
    await sweep(world.deps);
    expect(await deliveries(world, `artwork=${id}`)).toHaveLength(1);
    await world.clock.advance(20 * SECOND);
    await sweep(world.deps);
    expect(await deliveries(world, `artwork=${id}`)).toEqual([]);
  });

  it.each(["/api/webhooks/deliveries/whd_0", "/api/webhooks/whe_0", "/api/webhooks/nothing"])(
    "answers 404 at %s",
    async (path) => {
      expect((await createWorld().call("GET", path)).status).toBe(404);
    },
  );
});
