import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
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
import type { DeliveryBody, WebhookBody, WebhookWorld } from "./receiver.ts";

afterEach(() => env.DB.exec("delete from webhook_endpoints"));

describe("a rotated secret", () => {
  it("of an endpoint signs together with the new one for a day, at every try", async () => {
    const world = createWebhookWorld();
    const url = "https://rotated.example/";
    const { id, secret: old } = await createWebhook(world, { url, events: ["artwork.queued"] });
    world.answer(url, failWith(500));
    await generate(world, { prompt: "a fox" });
    await world.settle();
    const rotated = await ask<WebhookBody>(world, "POST", `/api/webhooks/${id}/rotate`);
    expect(rotated.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Date.parse(rotated.previousSecretExpiresAt ?? "")).toBe(world.clock.now() + DAY);
    await world.pass(2 * DAY);
    const [first, second] = world.received;
    const last = world.received.at(-1)!;
    expect(first?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
    expect(second?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect([isSignedWith(old, second!), isSignedWith(rotated.secret, second!)]).toEqual([true, true]);
    expect([isSignedWith(old, last), isSignedWith(rotated.secret, last)]).toEqual([false, true]);
  });

  it("still signs after a second rotation; after many only the most recent ones sign", async () => {
    const world = createWebhookWorld();
    const url = "https://rotated-twice.example/";
    const { id, secret: first } = await createWebhook(world, { url, events: ["artwork.queued"] });
    const rotate = () => ask<WebhookBody>(world, "POST", `/api/webhooks/${id}/rotate`);
    const secrets = [first, (await rotate()).secret, (await rotate()).secret];
    await generate(world, { prompt: "a fox" });
    await world.settle();
    expect(secrets.map((secret) => isSignedWith(secret, world.received[0]!))).toEqual([true, true, true]);
    for (let times = 0; times < 6; times += 1) secrets.push((await rotate()).secret);
    await generate(world, { prompt: "a wolf" });
    await world.settle();
    const signed = secrets.filter((secret) => isSignedWith(secret, world.received[1]!));
    expect(signed).toEqual(secrets.slice(-5));
  });

  it("of an owner signs together with the new one for a day", async () => {
    const world = createWebhookWorld();
    const before = await ask<WebhookBody>(world, "GET", "/api/webhooks/secret");
    const after = await ask<WebhookBody>(world, "POST", "/api/webhooks/secret/rotate");
    await generate(world, { prompt: "a fox", webhookUrl: newUrl() });
    await world.pass(10 * SECOND);
    expect(after.secret).not.toBe(before.secret);
    expect([before, after].map(({ secret }) => isSignedWith(secret, world.received[0]!))).toEqual([
      true,
      true,
    ]);
  });
});

describe("redelivery", () => {
  const redeliver = (world: WebhookWorld, id: string) =>
    ask<DeliveryBody>(world, "POST", `/api/webhooks/deliveries/${id}/redeliver`);

  it("sends the same id and the same bytes again", async () => {
    const { world, artwork } = await createDelivered(() => new Response("ok"));
    const { id } = await onlyDelivery(world, `artwork=${artwork}`);
    await world.pass(HOUR);
    expect(await redeliver(world, id)).toMatchObject({ id, status: "pending" });
    await world.settle();
    const [first, second] = world.received;
    expect([second?.headers["webhook-id"], second?.body]).toEqual([id, first?.body]);
    expect(second?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
    expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({
      status: "delivered",
      attempts: [{ statusCode: 200 }, { statusCode: 200 }],
    });
  });

  it("of a failed delivery starts all tries again", async () => {
    const { world, artwork } = await createDelivered(failWith(500));
    await world.pass(5 * DAY);
    const { id } = await onlyDelivery(world, `artwork=${artwork}`);
    await redeliver(world, id);
    await world.pass(10 * SECOND);
    expect(world.received).toHaveLength(12);
  });

  it("of a pending delivery tries at once and continues its schedule", async () => {
    const { world, artwork } = await createDelivered(failWith(500));
    await world.pass(10 * SECOND);
    const { id } = await onlyDelivery(world, `artwork=${artwork}`);
    await redeliver(world, id);
    await world.settle();
    expect(world.received).toHaveLength(3);
    const { nextAttemptAt } = await onlyDelivery(world, `artwork=${artwork}`);
    expect(Date.parse(nextAttemptAt ?? "") - world.clock.now()).toBeGreaterThanOrEqual(30 * MINUTE);
  });

  it("to a disabled endpoint is refused until it is enabled", async () => {
    const world = createWebhookWorld();
    const { id } = await createWebhook(world, { url: "https://off.example/", events: ["artwork.queued"] });
    const { id: artwork } = await generate(world, { prompt: "a fox" });
    await world.settle();
    const [delivery] = await deliveries(world, `artwork=${artwork}`);
    const path = `/api/webhooks/deliveries/${delivery?.id}/redeliver`;
    await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: false });
    const refused = await world.call("POST", path);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: { code: "webhook_disabled" } });
    await ask(world, "PATCH", `/api/webhooks/${id}`, { enabled: true, url: "https://on.example/" });
    expect((await world.call("POST", path)).status).toBe(202);
    await world.settle();
    expect(world.received.at(-1)?.url).toBe("https://on.example/");
  });
});
