/**
 * The real Worker under the real `wrangler dev` and a real receiver with faults. Every delivery is verified with the
 * packages that receivers use. The Worker is killed between the first and the second try of a delivery.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { serveReceiver } from "./webhook-receiver.ts";
import type { Received, Receiver } from "./webhook-receiver.ts";

interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly type: string;
  readonly status: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly statusCode: number | null;
    readonly milliseconds: number;
    readonly error: string | null;
  }[];
  readonly nextAttemptAt: string | null;
}

const FIRST_PAUSE_MS = 5_000;
const TRY_TIMEOUT_MS = 15_000;

let receiver: Receiver;
let stage: Stage;

before(async () => {
  receiver = await serveReceiver();
  stage = await startStage({ taskMs: 200 });
});

after(async () => {
  await stage?.close();
  await receiver.close();
});

async function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${stage.url}${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Waits until the receiver has this many requests at this path. */
async function received(path: string, count: number, withinMs: number): Promise<readonly Received[]> {
  const giveUpAt = Date.now() + withinMs;
  while (receiver.receivedAt(path).length < count) {
    assert.ok(
      Date.now() < giveUpAt,
      `${path} received ${receiver.receivedAt(path).length} times, not ${count}`,
    );
    await sleep(50);
  }
  return receiver.receivedAt(path);
}

/** Requests an artwork whose end is sent to this path. Answers its id. */
async function generate(path: string, prompt = "a fox"): Promise<string> {
  const webhookUrl = `${receiver.url}${path}`;
  return (await ask<{ id: string }>("POST", "/api/artworks/generate", { prompt, webhookUrl })).id;
}

/** The one delivery about an artwork, once it is as expected. */
async function delivery(artworkId: string, isSo: (found: Delivery) => boolean): Promise<Delivery> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const { data } = await ask<{ data: Delivery[] }>("GET", `/api/webhooks/deliveries?artwork=${artworkId}`);
    const [found] = data;
    if (found !== undefined && isSo(found)) return found;
    assert.ok(Date.now() < giveUpAt, `the log says ${JSON.stringify(data)}`);
    await sleep(100);
  }
}

const secret = async (): Promise<string> =>
  (await ask<{ secret: string }>("GET", "/api/webhooks/secret")).secret;

/** Two failures, then a redelivery: one id, the same bytes, the pause of the schedule. */
async function checkRetries(artworkId: string): Promise<void> {
  const tries = await received("/fail-twice", 2, 15_000);
  assert.equal(tries[1]?.headers["webhook-id"], tries[0]?.headers["webhook-id"]);
  assert.equal(tries[1]?.body, tries[0]?.body);
  assert.ok((tries[1]?.at ?? 0) - (tries[0]?.at ?? 0) >= FIRST_PAUSE_MS);
  const failed = await delivery(artworkId, ({ attempts }) => attempts.length === 2);
  await ask("POST", `/api/webhooks/deliveries/${failed.id}/redeliver`);
  const [, , third] = await received("/fail-twice", 3, 10_000);
  receiver.verify(third!, await secret());
  const done = await delivery(artworkId, ({ status }) => status === "delivered");
  assert.deepEqual(
    done.attempts.map(({ statusCode }) => statusCode),
    [500, 500, 200],
  );
}

void test(
  "receivers with every fault get the right tries, and the log shows them",
  { timeout: 240_000 },
  async () => {
    const [twice, redirected, hung, gone] = await Promise.all([
      generate("/fail-twice"),
      generate("/redirect"),
      generate("/hang"),
      generate("/gone"),
    ]);
    const slowSince = Date.now();
    await received("/hang", 1, 20_000);
    const quick = await generate("/well");
    const [{ headers, body } = { headers: {}, body: "" }] = await received("/well", 1, 10_000);
    const isStillHanging = receiver.answeredAt("/hang") === 0;

    receiver.verify({ headers, body }, await secret());
    assert.throws(() => receiver.verify({ headers, body: `${body} ` }, "whsec_" + "A".repeat(43) + "="));
    assert.equal((JSON.parse(body) as { data: { id: string } }).data.id, quick);
    assert.ok(isStillHanging, "the hanging receiver had given up already");

    assert.equal((await delivery(gone, ({ status }) => status !== "pending")).status, "disabled");
    const redirect = await delivery(redirected, ({ attempts }) => attempts.length === 1);
    assert.match(redirect.attempts[0]?.error ?? "", /^answered 302, a redirect to .*\/elsewhere: /);
    assert.equal(receiver.receivedAt("/elsewhere").length, 0);

    await checkRetries(twice);

    const timedOut = await delivery(hung, ({ attempts }) => attempts.length === 1);
    const [late] = timedOut.attempts;
    assert.equal(late?.error, "no answer within 15 s");
    assert.ok(late.milliseconds >= TRY_TIMEOUT_MS && late.milliseconds < TRY_TIMEOUT_MS + 3_000);
    console.log(`the hang was ended after ${late.milliseconds} ms; all took ${Date.now() - slowSince} ms`);
  },
);

void test(
  "kill -9 between the tries loses no delivery and changes no byte",
  { timeout: 240_000 },
  async () => {
    const artworks = await Promise.all(Array.from({ length: 5 }, (_, index) => generate(`/killed-${index}`)));
    const paths = artworks.map((_, index) => `/killed-${index}`);
    await Promise.all(paths.map((path) => received(path, 1, 20_000)));
    // Some are recorded and wait for their second try, some may still get an answer.
    await stage.kill();
    await stage.restart();
    // A delivery that was killed during a try is sent again after half a minute.
    const all = await Promise.all(paths.map((path) => received(path, 2, 45_000)));
    const key = await secret();
    for (const [first, second] of all) {
      assert.equal(second?.headers["webhook-id"], first?.headers["webhook-id"]);
      assert.equal(second?.body, first?.body);
      receiver.verify(second!, key);
    }
    const ends = await Promise.all(
      artworks.map((id) => delivery(id, ({ status }) => status === "delivered")),
    );
    console.log(
      `${ends.length} deliveries survived kill -9, tries: ${ends.map((end) => end.attempts.length).join(", ")}`,
    );
  },
);
