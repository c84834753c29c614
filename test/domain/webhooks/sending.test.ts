import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { noticeBody } from "../../../src/domain/webhooks/body.ts";
import { sampleArtwork } from "../../../src/domain/webhooks/sample.ts";
import { generate, read } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import {
  ask,
  createWebhook,
  createWebhookWorld,
  deliveries,
  isSignedWith,
  noticeOf,
  onlyDelivery,
} from "./receiver.ts";
import type { WebhookBody } from "./receiver.ts";

const MOST_BYTES = 20_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const rowCount = async (): Promise<number> =>
  (await env.DB.prepare("select count(*) as n from webhook_deliveries").first<number>("n")) ?? 0;

afterEach(() => env.DB.exec("delete from webhook_endpoints"));

describe("an endpoint", () => {
  it("receives every transition in order, signed by Standard Webhooks", async () => {
    const world = createWebhookWorld();
    const { secret, id: webhookId } = await createWebhook(world, { url: "https://all.example/hook" });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    expect(world.received.map((one) => noticeOf(one).type)).toEqual([
      "artwork.queued",
      "artwork.processing",
      "artwork.storing",
      "artwork.completed",
    ]);
    expect(world.received.map((one) => isSignedWith(secret, one))).toEqual([true, true, true, true]);
    const log = await deliveries(world, `artwork=${artwork.id}`);
    expect(log.map(({ id }) => id).toReversed()).toEqual(
      world.received.map(({ headers }) => headers["webhook-id"]),
    );
    expect(log.every((delivery) => delivery.webhookId === webhookId)).toBe(true);
    const [{ headers, at } = { headers: {}, at: 0 }] = world.received;
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": expect.stringMatching(/^whd_[0-9a-z]{40,}$/),
      "webhook-timestamp": String(Math.floor(at / 1_000)),
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
  });

  it("receives the artwork as its owner reads it, with the time of the event", async () => {
    const world = createWebhookWorld();
    await createWebhook(world, { url: "https://same.example/hook", events: ["artwork.completed"] });
    const { id } = await generate(world, { prompt: "a fox", title: "Fox", metadata: { album: 7 } });
    await world.pass(10_000);
    const [received] = world.received;
    const notice = noticeOf(received!);
    expect(Object.keys(notice)).toEqual(["type", "timestamp", "data"]);
    expect(notice.data).toEqual(await read<ArtworkBody>(world, `/api/artworks/${id}`));
    expect(notice.data.urls["self"]).toBe(`${ORIGIN}/api/artworks/${id}`);
    expect(notice.timestamp).toBe(notice.data.generation.completedAt);
  });

  it("receives only the event types that it selects", async () => {
    const world = createWebhookWorld();
    const events = ["artwork.queued", "artwork.failed"];
    await createWebhook(world, { url: "https://some.example/hook", events });
    await generate(world, { prompt: "a fox" });
    await generate(world, { prompt: "a fox [sim:fail-400]" });
    await world.pass(20_000);
    expect(world.received.map((one) => noticeOf(one).type).toSorted()).toEqual([
      "artwork.failed",
      "artwork.queued",
      "artwork.queued",
    ]);
  });

  it("and the URL of the request receive the same end under different ids", async () => {
    const world = createWebhookWorld();
    const endpoint = await createWebhook(world, {
      url: "https://one.example/hook",
      events: ["artwork.completed"],
    });
    const { secret } = await ask<WebhookBody>(world, "GET", "/api/webhooks/secret");
    await generate(world, { prompt: "a fox", webhookUrl: "https://two.example/hook" });
    await world.pass(10_000);
    const [first, second] = world.received.toSorted((one, other) => one.url.localeCompare(other.url));
    expect([first?.url, second?.url]).toEqual(["https://one.example/hook", "https://two.example/hook"]);
    expect(first?.headers["webhook-id"]).not.toBe(second?.headers["webhook-id"]);
    expect([isSignedWith(endpoint.secret, first!), isSignedWith(secret, second!)]).toEqual([true, true]);
    expect(isSignedWith(endpoint.secret, second!)).toBe(false);
  });
});

describe("the URL of a request", () => {
  it.each([
    ["completed", "a fox", null],
    ["failed", "a fox [sim:fail-400]", null],
    ["canceled", "a fox [sim:stuck]", "cancel"],
  ])("receives one delivery when the generation is %s", async (status, prompt, action) => {
    const world = createWebhookWorld();
    const { id } = await generate(world, { prompt, webhookUrl: "https://request.example/hook" });
    await world.pass(5_000);
    if (action !== null) await world.call("POST", `/api/artworks/${id}/${action}`);
    await world.pass(10_000);
    expect(world.received.map((one) => noticeOf(one).type)).toEqual([`artwork.${status}`]);
    expect(noticeOf(world.received[0]!).data.generation.status).toBe(status);
  });

  it("is inherited by a regenerate, replaced, and removed with null", async () => {
    const world = createWebhookWorld();
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: "https://first.example/" });
    const again = async (body: Record<string, unknown>) => {
      await world.pass(10_000);
      await ask(world, "POST", `/api/artworks/${id}/regenerate`, body);
      await world.pass(10_000);
    };
    await again({});
    await again({ webhookUrl: "https://second.example/" });
    await again({ webhookUrl: null });
    expect(world.received.map((one) => [one.url, noticeOf(one).data.generation.number])).toEqual([
      ["https://first.example/", 1],
      ["https://first.example/", 2],
      ["https://second.example/", 3],
    ]);
  });

  it("appears neither at the provider nor in the artwork", async () => {
    const world = createWebhookWorld();
    const url = "https://secret.example/token";
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: url });
    await world.pass(10_000);
    expect(JSON.stringify(world.simulator.tasks[0]?.body)).not.toContain("secret.example");
    expect(JSON.stringify(await read(world, `/api/artworks/${id}`))).not.toContain("secret.example");
    expect(JSON.stringify(world.logs)).not.toContain("token");
  });

  it.each([
    "http://a.example/hook",
    "https://10.0.0.1/",
    "https://localhost/",
    "https://u:p@a.example/",
    "ftp://a.example",
    "x",
  ])("is refused together with every other bad field when it is %s", async (webhookUrl) => {
    const world = createWebhookWorld();
    const response = await world.call("POST", "/api/artworks/generate", {
      body: { prompt: "", webhookUrl, outputFormat: "gif" },
    });
    expect(response.status).toBe(422);
    const { errors } = await response.json<{ errors: { path: string }[] }>();
    expect(errors.map(({ path }) => path).toSorted()).toEqual(["outputFormat", "prompt", "webhookUrl"]);
    expect(world.simulator.creates()).toBe(0);
  });
});

describe("a payload", () => {
  it("describes the event's generation when another one already runs", async () => {
    const world = createWebhookWorld({
      deps: (base) => ({ listeners: base.listeners.filter(({ name }) => name !== "webhooks") }),
    });
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: "https://late.example/" });
    await world.pass(10_000);
    await ask(world, "POST", `/api/artworks/${id}/regenerate`, {
      prompt: "an owl [sim:stuck]",
      webhookUrl: null,
    });
    await world.deps.receivers.wake("root https://late.example/");
    await world.settle();
    expect(noticeOf(world.received[0]!).data).toMatchObject({
      status: "ready",
      outputs: [{ contentType: "image/jpeg" }],
      generation: { number: 1, status: "completed", outputs: [{ contentType: "image/jpeg" }] },
    });
  });

  it("is sent when the artwork is deleted before the delivery", async () => {
    const world = createWebhookWorld({
      deps: (base) => ({ listeners: base.listeners.filter(({ name }) => name !== "webhooks") }),
    });
    const webhookUrl = "https://deleted.example/";
    const { id } = await generate(world, { prompt: "a fox [sim:stuck]", webhookUrl });
    await world.pass(5_000);
    await world.call("DELETE", `/api/artworks/${id}`);
    await world.pass(60_000);
    expect(await env.DB.prepare("select 1 from artworks where id = ?").bind(id).first()).toBeNull();
    await world.deps.receivers.wake(`root ${webhookUrl}`);
    await world.settle();
    expect(noticeOf(world.received[0]!)).toMatchObject({
      type: "artwork.canceled",
      data: { id, prompt: "a fox [sim:stuck]", generation: { status: "canceled" } },
    });
  });

  it("costs no extra round trip to the database, and no row without a receiver", async () => {
    const tripsOf = async (more: Record<string, unknown>): Promise<number> => {
      const world = createWorld();
      world.queries.reset();
      await generate(world, { prompt: "a fox [sim:stuck]", ...more });
      await world.pass(4_000);
      return world.queries.trips.filter((sql) => !/(from|update) "webhook/.test(sql)).length;
    };
    const before = await rowCount();
    const silent = await tripsOf({});
    expect(await rowCount()).toBe(before);
    expect(await tripsOf({ webhookUrl: "https://cheap.example/" })).toBe(silent);
  });

  it("fits in 20 KB for any input", async () => {
    const world = createWebhookWorld();
    const webhookUrl = "https://small.example/";
    const metadata = { note: "ü".repeat(7_000) };
    const { id } = await generate(world, { prompt: "狐".repeat(1_600), metadata, webhookUrl });
    await world.pass(10_000);
    const [{ body } = { body: "" }] = world.received;
    expect(bytesOf(body)).toBeLessThanOrEqual(MOST_BYTES);
    expect(noticeOf(world.received[0]!).data).toMatchObject({ id, metadata: {}, leftOut: ["metadata"] });
  });

  it("omits large fields one by one until it fits", () => {
    const long = "x".repeat(MOST_BYTES);
    const sample = sampleArtwork(0);
    const outputs = Array.from({ length: 200 }, () => sample.outputs[0]!);
    const huge = {
      ...sample,
      metadata: { long },
      prompt: "🦊".repeat(MOST_BYTES),
      outputs,
      generation: { ...sample.generation, input: { long }, outputs },
    };
    const body = noticeBody("artwork.completed", 0, huge);
    expect(bytesOf(body)).toBeLessThanOrEqual(MOST_BYTES);
    expect(JSON.parse(body)).toMatchObject({
      data: {
        id: "art_sample",
        generation: { status: "completed" },
        leftOut: [
          "metadata",
          "generation.attempts",
          "generation.input",
          "prompt",
          "generation.outputs",
          "generation.missing",
          "outputs",
        ],
      },
    });
    expect(JSON.parse(noticeBody("artwork.completed", 0, sample))).not.toHaveProperty("data.leftOut");
  });
});

describe("the log", () => {
  it("shows the time, the duration and the answer of a delivery", async () => {
    const world = createWebhookWorld();
    world.answer("https://log.example/", async () => {
      await world.clock.advance(120);
      return new Response("thanks", { status: 201 });
    });
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: "https://log.example/" });
    await world.pass(10_000);
    expect(await onlyDelivery(world, `artwork=${id}`)).toMatchObject({
      object: "webhook_delivery",
      webhookId: null,
      url: "https://log.example/",
      type: "artwork.completed",
      artworkId: id,
      status: "delivered",
      attempts: [{ statusCode: 201, milliseconds: 120, error: null, response: "thanks" }],
      nextAttemptAt: null,
    });
  });
});
