import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { generate } from "../../support/expect.ts";
import {
  ask,
  createWebhook,
  createWebhookWorld,
  deliveries,
  failWith,
  isSignedWith,
  newUrl,
  onlyDelivery,
  createDelivered,
} from "./receiver.ts";
import type { WebhookBody, WebhookWorld } from "./receiver.ts";

const PAUSES = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Milliseconds from the end of one try to the start of the next. */
async function pausesOf(world: WebhookWorld, artwork: string): Promise<number[]> {
  const { attempts } = await onlyDelivery(world, `artwork=${artwork}`);
  const times = attempts.map(({ at, milliseconds }) => ({
    begin: Date.parse(at),
    end: Date.parse(at) + milliseconds,
  }));
  return times.slice(1).map(({ begin }, index) => begin - (times[index]?.end ?? 0));
}

afterEach(() => env.DB.exec("delete from webhook_endpoints"));

describe("a delivery that fails", () => {
  it("is tried ten times over three days by the schedule, with the same id and bytes", async () => {
    const { world, artwork } = await createDelivered(failWith(500));
    await world.pass(5 * DAY);
    const pauses = await pausesOf(world, artwork);
    expect(pauses).toHaveLength(PAUSES.length);
    expect(pauses.map((pause, index) => pause >= (PAUSES[index] ?? 0))).not.toContain(false);
    // The test's clock runs alarms once a second.
    expect(pauses.map((pause, index) => pause <= (PAUSES[index] ?? 0) * 1.1 + SECOND)).not.toContain(false);
    expect(new Set(world.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(world.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const { secret } = await ask<WebhookBody>(world, "GET", "/api/webhooks/secret");
    expect(world.received.every((one) => isSignedWith(secret, one))).toBe(true);
    expect(
      world.received.map(({ headers, at }) => Number(headers["webhook-timestamp"]) - Math.floor(at / 1_000)),
    ).toEqual(Array.from({ length: 10 }, () => 0));
    const delivery = await onlyDelivery(world, `artwork=${artwork}`);
    expect(delivery).toMatchObject({ status: "failed", nextAttemptAt: null });
    expect(delivery.attempts[0]).toMatchObject({ statusCode: 500, error: "answered 500", response: "no" });
  });

  it("is tried again after five seconds, and no more after a success", async () => {
    let tries = 0;
    const { world, artwork } = await createDelivered((received) => {
      tries += 1;
      return tries < 3 ? failWith(503)(received) : new Response("ok");
    });
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({ status: "pending" });
    await world.pass(4 * SECOND);
    expect(world.received).toHaveLength(1);
    await world.pass(2 * SECOND);
    expect(world.received).toHaveLength(2);
    await world.pass(DAY);
    const { status, attempts } = await onlyDelivery(world, `artwork=${artwork}`);
    expect([status, attempts.map(({ statusCode }) => statusCode)]).toEqual(["delivered", [503, 503, 200]]);
  });

  it("to connect is tried again", async () => {
    const { world, artwork } = await createDelivered(() => Promise.reject(new TypeError("refused")));
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({
      status: "pending",
      attempts: [{ statusCode: null, error: "no connection", response: null }],
    });
  });

  it.each([
    ["seconds", () => "90", 90 * SECOND],
    ["a date", (now: number) => new Date(now + 2 * MINUTE).toUTCString(), MINUTE],
    ["less than the schedule", () => "1", 5 * SECOND],
    ["nonsense", () => "soon", 5 * SECOND],
    ["a year", () => String(365 * 24 * 3_600), DAY],
  ])("waits for Retry-After by %s, at most a day", async (_form, header, least) => {
    const { world, artwork } = await createDelivered(({ at }) =>
      failWith(429, { "Retry-After": header(at) })(undefined!),
    );
    const { attempts, nextAttemptAt } = await onlyDelivery(world, `artwork=${artwork}`);
    const pause = Date.parse(nextAttemptAt ?? "") - Date.parse(attempts[0]?.at ?? "");
    expect(pause).toBeGreaterThanOrEqual(least);
    expect(pause).toBeLessThanOrEqual(least + MINUTE + SECOND);
    await world.pass(least + MINUTE + 2 * SECOND);
    expect(world.received).toHaveLength(2);
  });

  it("with a redirect is not followed, and the log names the target", async () => {
    const { world, artwork, url } = await createDelivered(
      failWith(302, { Location: "https://elsewhere.example/" }),
    );
    expect(world.received.map((one) => one.url)).toEqual([url]);
    const { status, attempts } = await onlyDelivery(world, `artwork=${artwork}`);
    expect(status).toBe("pending");
    expect(attempts[0]).toMatchObject({
      statusCode: 302,
      error: "answered 302, a redirect to https://elsewhere.example/: redirects are not followed",
    });
  });

  it("times out after fifteen seconds without an answer", async () => {
    const world = createWebhookWorld();
    const url = newUrl();
    world.answer(url, async ({ signal }) => {
      const hung = new Promise<Response>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
      await world.clock.advance(60 * SECOND);
      return await hung;
    });
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: url });
    await world.pass(10 * SECOND);
    const { status, attempts } = await onlyDelivery(world, `artwork=${id}`);
    expect(status).toBe("pending");
    expect(attempts[0]).toMatchObject({ statusCode: null, error: "no answer within 15 s" });
  });

  it("stores the beginning of a long answer and stops reading an endless one", async () => {
    let pulled = 0;
    const { world, artwork } = await createDelivered(() => {
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new TextEncoder().encode("y".repeat(1_024)));
        },
      });
      return new Response(endless, { status: 500 });
    });
    const { attempts } = await onlyDelivery(world, `artwork=${artwork}`);
    expect(attempts[0]?.response).toBe("y".repeat(1_000));
    expect(pulled).toBeLessThan(20);
  });

  it("does not delay the deliveries of another receiver", async () => {
    const world = createWebhookWorld();
    const released = Promise.withResolvers<Response>();
    world.answer("https://slow.example/", () => released.promise);
    await createWebhook(world, { url: "https://slow.example/", events: ["artwork.queued"] });
    await createWebhook(world, { url: "https://fast.example/", events: ["artwork.queued"] });
    await generate(world, { prompt: "a fox" });
    const settled = world.settle();
    await vi.waitUntil(() => world.received.some(({ url }) => url === "https://fast.example/"));
    expect(
      (await deliveries(world, "status=delivered")).some(({ url }) => url === "https://fast.example/"),
    ).toBe(true);
    expect((await deliveries(world, "status=pending")).map(({ url }) => url)).toContain(
      "https://slow.example/",
    );
    released.resolve(new Response(null, { status: 204 }));
    await settled;
  });
});

describe("a receiver that is gone (410)", () => {
  it("disables the endpoint and ends its pending deliveries", async () => {
    const world = createWebhookWorld();
    const url = "https://gone.example/hook";
    const { id } = await createWebhook(world, { url });
    world.answer(url, failWith(500));
    const { id: artwork } = await generate(world, { prompt: "a fox" });
    await world.pass(SECOND);
    world.answer(url, failWith(410));
    await world.pass(10 * SECOND);
    const received = world.received.length;
    const statuses = (await deliveries(world, `artwork=${artwork}`)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(["disabled"]));
    expect(await ask<WebhookBody>(world, "GET", `/api/webhooks/${id}`)).toMatchObject({
      enabled: false,
      disabledBy: "gone",
    });
    await generate(world, { prompt: "an owl" });
    await world.pass(DAY);
    expect(world.received).toHaveLength(received);
  });

  it("gets no more tries as the URL of a request", async () => {
    const { world, artwork } = await createDelivered(failWith(410));
    await world.pass(2 * DAY);
    expect(world.received).toHaveLength(1);
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({
      status: "disabled",
      attempts: [{ statusCode: 410, error: "answered 410: it takes no more" }],
    });
  });

  it("keeps the endpoint enabled when its URL changed during the call", async () => {
    const world = createWebhookWorld();
    const { id } = await createWebhook(world, { url: "https://old.example/", events: ["artwork.queued"] });
    world.answer("https://old.example/", async (received) => {
      await ask(world, "PATCH", `/api/webhooks/${id}`, { url: "https://new.example/" });
      return await failWith(410)(received);
    });
    await generate(world, { prompt: "a fox" });
    await world.settle();
    expect(await ask<WebhookBody>(world, "GET", `/api/webhooks/${id}`)).toMatchObject({ enabled: true });
  });
});

describe("a URL that is no longer allowed", () => {
  it("gets no request, and its delivery fails at once", async () => {
    const world = createWebhookWorld();
    const { id } = await createWebhook(world, { url: "https://fine.example/", events: ["artwork.queued"] });
    await env.DB.prepare("update webhook_endpoints set url = 'https://127.0.0.1/' where id = ?")
      .bind(id)
      .run();
    const { id: artwork } = await generate(world, { prompt: "a fox" });
    await world.settle();
    expect(world.received).toEqual([]);
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({
      status: "failed",
      attempts: [{ statusCode: null, error: "the URL must point to a public host" }],
    });
  });
});
