import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ArtworkBody, ProblemBody } from "../../support/expect.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { signatureHeaders } from "../../../src/simulator/signature.ts";

const HMAC_KEY = "the operator's own";
const MINUTE = 60_000;

const signedWorld = () =>
  createWorld({ simulator: { webhookHmacKey: HMAC_KEY }, vars: { KIE_WEBHOOK_HMAC_KEY: HMAC_KEY } });

/** A running generation, the URL that the provider was given for it, and its task. */
async function running(world: World): Promise<{ artwork: ArtworkBody; url: string; taskId: string }> {
  const artwork = await generate(world, { prompt: "a fox [sim:stuck]" });
  await world.settle();
  const task = world.simulator.tasks[0]!;
  return { artwork, url: String(task.body["callBackUrl"]), taskId: task.id };
}

const callBack = (world: World, url: string, body: unknown, headers: Record<string, string> = {}) =>
  world.send(
    new Request(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );

const sign = (taskId: string, now: number) => signatureHeaders(new Map(), { taskId, hmacKey: HMAC_KEY, now });

async function inboxSize(artwork: ArtworkBody): Promise<number> {
  const row = await env.DB.prepare("select count(*) as n from callbacks where generation_id = ?")
    .bind(artwork.generation.id)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

describe("a callback, where a signing key is set", () => {
  it("is taken when it is signed, and ends the job at once", async () => {
    const world = signedWorld();
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(3_500);
    expect(world.simulator.tasks[0]?.callbacks.map(({ status }) => status)).toEqual([200]);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it.each(["callback-unsigned", "callback-bad-signature", "callback-stale"])(
    "is refused and leaves no trace otherwise; the job is looked after all the same (%s)",
    async (scenario) => {
      const world = signedWorld();
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}]` });
      await world.pass(3_500);
      expect(world.simulator.tasks[0]?.callbacks.map(({ status }) => status)).toEqual([401]);
      expect(await inboxSize(artwork)).toBe(0);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "processing" });
      await world.pass(30_000);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    },
  );

  it("may name its task in any of the four places", async () => {
    const world = signedWorld();
    const { artwork, url, taskId } = await running(world);
    const bodies = [{ data: { taskId } }, { data: { task_id: taskId } }, { taskId }, { task_id: taskId }];
    const headers = await sign(taskId, world.clock.now());
    const answers = await Promise.all(bodies.map((body) => callBack(world, url, body, headers)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await inboxSize(artwork)).toBe(4);
  });

  it("is refused with the signature of another task, or without a task to sign", async () => {
    const world = signedWorld();
    const { url, taskId } = await running(world);
    const headers = await sign(taskId, world.clock.now());
    const other = await callBack(world, url, { data: { taskId: "another" }, taskId }, headers);
    expect(other.status).toBe(401);
    expect((await other.json<ProblemBody>()).error.code).toBe("callback_signature_invalid");
    expect((await callBack(world, url, { data: {} }, headers)).status).toBe(401);
  });

  it("may be five minutes old or ahead, and no more", async () => {
    const world = signedWorld();
    const { url, taskId } = await running(world);
    // Whole seconds, as the timestamps are.
    await world.clock.advance(1_000 - (world.clock.now() % 1_000));
    const now = world.clock.now();
    const times = [now - 5 * MINUTE, now + 5 * MINUTE, now - 5 * MINUTE - 1_000, now + 5 * MINUTE + 1_000];
    const answers = await Promise.all(
      times.map(async (at) => callBack(world, url, { taskId }, await sign(taskId, at))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401]);
  });

  it("is refused when timestamp or signature is nonsense", async () => {
    const world = signedWorld();
    const { url, taskId } = await running(world);
    const headers = await sign(taskId, world.clock.now());
    const nonsense = [
      { ...headers, "X-Webhook-Timestamp": "yesterday" },
      { ...headers, "X-Webhook-Timestamp": `${headers["X-Webhook-Timestamp"]}.0` },
      { ...headers, "X-Webhook-Signature": "%%%" },
      { ...headers, "X-Webhook-Signature": "" },
    ];
    const answers = await Promise.all(nonsense.map((bad) => callBack(world, url, { taskId }, bad)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it("needs its token, and without it reveals nothing about signatures", async () => {
    const world = signedWorld();
    const { artwork, url, taskId } = await running(world);
    const headers = await sign(taskId, world.clock.now());
    const [wrongToken, wrongGeneration] = [new URL(url), new URL(url)];
    wrongToken.searchParams.set("token", "0".repeat(26));
    wrongGeneration.searchParams.set("generation", "gen_0");
    const answers = await Promise.all([
      callBack(world, wrongToken.href, { taskId }, headers),
      callBack(world, wrongGeneration.href, { taskId }, headers),
      callBack(world, wrongToken.href, { taskId }),
      callBack(world, wrongGeneration.href, { taskId }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const details = await Promise.all(
      answers.map(async (answer) => (await answer.json<ProblemBody>()).detail),
    );
    expect(new Set(details).size).toBe(1);
    expect(await inboxSize(artwork)).toBe(0);
  });
});

describe("a callback, where no signing key is set", () => {
  it("needs no signature, and one that comes is not looked at", async () => {
    const world = createWorld({ simulator: { webhookHmacKey: "somebody's" } });
    await generate(world, { prompt: "a fox" });
    await world.pass(3_500);
    expect(world.simulator.tasks[0]?.callbacks.map(({ status }) => status)).toEqual([200]);
  });
});
