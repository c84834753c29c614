import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { DAY, SECOND } from "../../../src/lib/time.ts";
import { generate, readProblem } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import {
  ask,
  createWebhook,
  createWebhookWorld,
  deliveries,
  isSignedWith,
  newUrl,
  noticeOf,
  onlyDelivery,
} from "./receiver.ts";
import type { DeliveryBody, WebhookBody } from "./receiver.ts";

afterEach(() => env.DB.exec("delete from webhook_endpoints"));

describe("webhooks", () => {
  it("are created with a secret that is shown once", async () => {
    const world = createWorld();
    const url = newUrl();
    const response = await world.call("POST", "/api/webhooks", { body: { url, description: "mine" } });
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    const made = await response.json<WebhookBody>();
    expect(made).toMatchObject({
      id: expect.stringMatching(/^whe_[0-9a-z]{38}$/),
      object: "webhook",
      url,
      description: "mine",
      enabled: true,
      events: [
        "artwork.queued",
        "artwork.processing",
        "artwork.storing",
        "artwork.completed",
        "artwork.failed",
        "artwork.canceled",
      ],
    });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(response.headers.get("Location")).toMatch(new RegExp(`/api/webhooks/${made.id}$`));
    const found = await ask<WebhookBody>(world, "GET", `/api/webhooks/${made.id}`);
    const { data } = await ask<{ data: WebhookBody[] }>(world, "GET", "/api/webhooks");
    expect(JSON.stringify([found, data])).not.toContain("whsec_");
    expect(data.map(({ id }) => id)).toEqual([made.id]);
  });

  it.each([
    ["nothing", {}, ["url"]],
    ["an http URL", { url: "http://a.example/" }, ["url"]],
    ["a private URL", { url: "https://192.168.1.1/" }, ["url"]],
    ["an unknown type", { url: "https://a.example/", events: ["artwork.submitting"] }, ["events.0"]],
    ["no type at all", { url: "https://a.example/", events: [] }, ["events"]],
    [
      "everything wrong at once",
      { url: "https://localhost", events: ["x"], description: 1, colour: "red" },
      ["url", "events.0", "description", "colour"],
    ],
  ])("with %s are refused, every bad field at once", async (_case, body, paths) => {
    const world = createWorld();
    const response = await world.call("POST", "/api/webhooks", { body });
    expect(response.status).toBe(422);
    const { errors } = await readProblem(response);
    expect(errors.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
    expect((await ask<{ data: unknown[] }>(world, "GET", "/api/webhooks")).data).toEqual([]);
  });

  it("are limited to twenty", async () => {
    const world = createWorld();
    const made = Array.from({ length: 25 }, () =>
      world.call("POST", "/api/webhooks", { body: { url: newUrl() } }),
    );
    const statuses = (await Promise.all(made)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
  });

  it("are listed page by page, newest first", async () => {
    const world = createWorld();
    const first = await createWebhook(world, { url: newUrl() });
    const second = await createWebhook(world, { url: newUrl() });
    const page = await ask<{ data: WebhookBody[]; hasMore: boolean; lastId: string }>(
      world,
      "GET",
      "/api/webhooks?limit=1",
    );
    expect(page).toMatchObject({ data: [{ id: second.id }], hasMore: true, lastId: second.id });
    expect(await ask(world, "GET", `/api/webhooks?after=${page.lastId}`)).toMatchObject({
      data: [{ id: first.id }],
      hasMore: false,
    });
  });

  it("change the named fields only", async () => {
    const world = createWorld();
    const { id, url } = await createWebhook(world, { url: newUrl() });
    const events = ["artwork.failed"];
    expect(await ask(world, "PATCH", `/api/webhooks/${id}`, { events })).toMatchObject({ url, events });
    expect(await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: false })).toMatchObject({
      events,
      enabled: false,
      disabledBy: "owner",
    });
    const refused = await world.call("PATCH", `/api/webhooks/${id}`, {
      body: { url: "https://10.1.1.1/", x: 1 },
    });
    expect(refused.status).toBe(422);
    expect((await readProblem(refused)).errors.map(({ path }) => path).toSorted()).toEqual(["url", "x"]);
  });

  it("that are disabled receive no event, and their pending deliveries end", async () => {
    const world = createWebhookWorld();
    const { id, url } = await createWebhook(world, { url: newUrl() });
    world.answer(url, () => new Response(null, { status: 500 }));
    const { id: artwork } = await generate(world, { prompt: "a fox [sim:stuck]" });
    await world.settle();
    const received = world.received.length;
    await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: false });
    await world.call("POST", `/api/artworks/${artwork}/cancel`);
    await world.pass(DAY);
    expect(world.received).toHaveLength(received);
    const log = await deliveries(world, `artwork=${artwork}`);
    expect(new Set(log.map(({ status }) => status))).toEqual(new Set(["disabled"]));
  });

  it("with a changed URL receive their pending deliveries there", async () => {
    const world = createWebhookWorld();
    const events = ["artwork.queued"];
    const { id, url } = await createWebhook(world, { url: newUrl(), events });
    world.answer(url, () => new Response(null, { status: 500 }));
    await generate(world, { prompt: "a fox" });
    await world.settle();
    const moved = newUrl();
    await ask(world, "PATCH", `/api/webhooks/${id}`, { url: moved });
    await world.pass(10 * SECOND);
    expect(world.received.map((one) => one.url)).toEqual([url, moved]);
  });

  it("are deleted with their pending deliveries, and the log stays", async () => {
    const world = createWebhookWorld();
    const { id, url } = await createWebhook(world, { url: newUrl(), events: ["artwork.queued"] });
    world.answer(url, () => new Response(null, { status: 500 }));
    const { id: artwork } = await generate(world, { prompt: "a fox" });
    await world.settle();
    expect((await world.call("DELETE", `/api/webhooks/${id}`)).status).toBe(204);
    expect((await world.call("GET", `/api/webhooks/${id}`)).status).toBe(404);
    await world.pass(DAY);
    expect(world.received).toHaveLength(1);
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({
      webhookId: id,
      status: "disabled",
    });
  });

  it("are tested with a sample artwork through the same log", async () => {
    const world = createWebhookWorld();
    const { id, url, secret } = await createWebhook(world, { url: newUrl(), events: ["artwork.failed"] });
    const response = await world.call("POST", `/api/webhooks/${id}/test`);
    expect(response.status).toBe(202);
    const made = await response.json<DeliveryBody>();
    expect(made).toMatchObject({
      webhookId: id,
      url,
      type: "webhook.test",
      artworkId: null,
      status: "pending",
    });
    await world.settle();
    const [received] = world.received;
    expect(isSignedWith(secret, received!)).toBe(true);
    expect(noticeOf(received!)).toMatchObject({ type: "webhook.test", data: { object: "artwork" } });
    const path = new URL(response.headers.get("Location") ?? "").pathname;
    expect(await ask<DeliveryBody>(world, "GET", path)).toMatchObject({
      id: made.id,
      status: "delivered",
      body: received?.body,
    });
  });

  it("that are disabled are not tested", async () => {
    const world = createWorld();
    const { id } = await createWebhook(world, { url: newUrl() });
    await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: false });
    const refused = await world.call("POST", `/api/webhooks/${id}/test`);
    expect([refused.status, (await readProblem(refused)).error.code]).toEqual([409, "webhook_disabled"]);
  });

  it("receive a sample with the fields of a real artwork", async () => {
    const world = createWebhookWorld();
    const { id } = await createWebhook(world, { url: newUrl(), events: ["artwork.completed"] });
    await ask(world, "POST", `/api/webhooks/${id}/test`);
    await generate(world, { prompt: "a fox" });
    await world.pass(10 * SECOND);
    const [test, real] = world.received.map(noticeOf);
    expect(shapeOf(test)).toEqual(shapeOf(real));
  });
});

/** The names of all fields, nested ones too. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return "value";
  const entries = Object.entries(value).filter(([name]) => name !== "input");
  return Object.fromEntries(
    entries
      .map(([name, field]): [string, unknown] => [name, shapeOf(field)])
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );
}
