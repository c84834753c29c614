/** A configurable receiver of webhooks that checks every signature with the packages that receivers use. */
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { vi } from "vitest";
import { SECOND } from "../../../src/lib/time.ts";
import { generate } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World, WorldOptions } from "../../support/harness.ts";

export interface Received {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** On the world's clock, in epoch milliseconds. */
  readonly at: number;
}

export interface Notice {
  readonly type: string;
  readonly timestamp: string;
  readonly data: ArtworkBody & { readonly leftOut?: readonly string[] };
}

export type Answer = (received: Received) => Response | Promise<Response>;

export interface WebhookWorld extends World {
  readonly received: Received[];
  /** Sets the answer for URLs with this prefix; every other URL answers 204. */
  readonly answer: (prefix: string, answer: Answer) => void;
}

/** A world whose receivers all answer 204 by default. */
export function createWebhookWorld(options: WorldOptions = {}): WebhookWorld {
  const received: Received[] = [];
  const answers = new Map<string, Answer>();
  const world = createWorld({
    ...options,
    receive: async (request) => {
      const one: Received = {
        url: request.url,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        signal: request.signal,
        at: world.clock.now(),
      };
      received.push(one);
      const [, answer = () => new Response(null, { status: 204 })] =
        [...answers].find(([prefix]) => one.url.startsWith(prefix)) ?? [];
      return await answer(one);
    },
  });
  return { ...world, received, answer: (prefix, answer) => void answers.set(prefix, answer) };
}

export const noticeOf = (received: Received): Notice => JSON.parse(received.body) as Notice;

const verifiers = (secret: string) => [new StandardWebhook(secret), new SvixWebhook(secret)];

/** Verifies a delivery with both packages and this secret, at its time of arrival. */
export function isSignedWith(secret: string, { headers, body, at }: Received): boolean {
  const clock = vi.spyOn(Date, "now").mockReturnValue(at);
  const verdicts = verifiers(secret).map((verifier) => {
    try {
      return verifier.verify(body, { ...headers }) !== null;
    } catch {
      return false;
    }
  });
  clock.mockRestore();
  if (verdicts[0] !== verdicts[1]) throw new Error("the verifiers disagree");
  return verdicts[0] ?? false;
}

export interface WebhookBody {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly disabledBy: string | null;
  readonly secret: string;
  readonly previousSecretExpiresAt: string | null;
}

export interface DeliveryBody {
  readonly id: string;
  readonly webhookId: string | null;
  readonly url: string;
  readonly type: string;
  readonly artworkId: string | null;
  readonly status: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly statusCode: number | null;
    readonly milliseconds: number;
    readonly error: string | null;
    readonly response: string | null;
  }[];
  readonly nextAttemptAt: string | null;
  readonly body: string | null;
}

export async function ask<Body>(world: World, method: string, path: string, body?: unknown): Promise<Body> {
  const response = await world.call(method, path, body === undefined ? {} : { body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.status === 204 ? (undefined as Body) : await response.json<Body>();
}

export const createWebhook = (world: World, body: Record<string, unknown>): Promise<WebhookBody> =>
  ask(world, "POST", "/api/webhooks", body);

export const deliveries = async (world: World, search: string): Promise<readonly DeliveryBody[]> =>
  (await ask<{ data: DeliveryBody[] }>(world, "GET", `/api/webhooks/deliveries?${search}`)).data;

/** The one delivery that this search finds. */
export async function onlyDelivery(world: World, search: string): Promise<DeliveryBody> {
  const [only, ...others] = await deliveries(world, search);
  if (only === undefined || others.length > 0) throw new Error(`not one delivery for ${search}`);
  return only;
}

/** Worlds of one file share their deliveries, so each test has its own receiver. */
export const newUrl = () => `https://${crypto.randomUUID()}.example/hook`;

export const failWith =
  (status: number, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response("no", { status, headers });

/** A world with one finished generation whose end was sent to `url`, which answers with `answer`. */
export async function createDelivered(
  answer: Answer,
): Promise<{ world: WebhookWorld; artwork: string; url: string }> {
  const world = createWebhookWorld();
  const url = newUrl();
  world.answer(url, answer);
  const { id } = await generate(world, { prompt: "a fox", webhookUrl: url });
  await vi.waitUntil(async () => {
    await world.pass(SECOND);
    return world.received.length > 0;
  });
  return { world, artwork: id, url };
}
