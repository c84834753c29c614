import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { sweep } from "../../../src/domain/sweep.ts";
import { dispatch } from "../../../src/domain/webhooks/dispatch.ts";
import { wakeOverdueReceivers } from "../../../src/domain/webhooks/housekeeping.ts";
import { MINUTE, SECOND } from "../../../src/lib/time.ts";
import { generate } from "../../support/expect.ts";
import { DIED, startProcess } from "../../proof/process.ts";
import type { Phase, Verdict } from "../../proof/process.ts";
import { createWebhookWorld, newUrl, onlyDelivery } from "./receiver.ts";
import type { WebhookWorld } from "./receiver.ts";

/** A world in which no dispatcher wakes for a recorded delivery, because the writing process died. */
const createDeafWorld = (): WebhookWorld =>
  createWebhookWorld({
    deps: (base) => ({ listeners: base.listeners.filter(({ name }) => name !== "webhooks") }),
  });

interface Play {
  readonly world: WebhookWorld;
  readonly artwork: string;
  /** The gate where the process died; null when it did not reach the gate. */
  readonly struckAt: string | null;
}

/** Runs a delivery whose dispatcher dies at its `nth` await, then the sweep. */
async function play(nth: number, phase: Phase, verdict: Verdict): Promise<Play> {
  const world = createDeafWorld();
  const webhookUrl = newUrl();
  const { id: artwork } = await generate(world, { prompt: "a fox", webhookUrl });
  await world.pass(10 * SECOND);
  let passed = 0;
  let struckAt: string | null = null;
  const process = startProcess(world.deps, env.DB, async (point, now) => {
    if (now !== phase) return "go";
    passed += 1;
    if (passed !== nth) return "go";
    struckAt = `${phase} ${point}`;
    return verdict;
  });
  await process.run(() => dispatch(process.deps, `root ${webhookUrl}`).catch(() => DIED));
  await world.pass(MINUTE);
  await sweep(world.deps);
  await world.pass(MINUTE);
  return { world, artwork, struckAt };
}

const AWAITS = Array.from({ length: 12 }, (_, index) => index + 1);
const STRIKES = AWAITS.flatMap((nth) =>
  (["before", "after"] as const).flatMap((phase) =>
    (["stop", "throw"] as const).map((verdict) => [verdict, phase, nth] as const),
  ),
);
const points = new Set<string>();

describe("a delivery on record", () => {
  it("is sent without a wake, however many deliveries wait for another receiver", async () => {
    const woken: string[] = [];
    const world = createWebhookWorld({
      deps: (base) => ({
        listeners: base.listeners.filter(({ name }) => name !== "webhooks"),
        receivers: { wake: async (receiver) => void woken.push(receiver) },
      }),
    });
    const [busy, quiet] = [newUrl(), newUrl()];
    await generate(world, { prompt: "a fox", webhookUrl: busy });
    await generate(world, { prompt: "a hare", webhookUrl: busy });
    await world.pass(10 * SECOND);
    await generate(world, { prompt: "a crow", webhookUrl: quiet });
    await world.pass(10 * SECOND);
    const since = world.clock.now();

    await wakeOverdueReceivers(world.deps, since, 1_000);
    const all = woken.splice(0);
    await wakeOverdueReceivers(world.deps, since, all.indexOf(`root ${quiet}`) + 1);

    expect(all.filter((receiver) => receiver.endsWith(busy))).toHaveLength(1);
    expect(all.indexOf(`root ${busy}`)).toBeLessThan(all.indexOf(`root ${quiet}`));
    expect(woken).toContain(`root ${quiet}`);
    await world.deps.db.run("delete from webhook_deliveries");
  });

  it("is sent by the sweep when the wake is lost", async () => {
    const world = createDeafWorld();
    const { id } = await generate(world, { prompt: "a fox", webhookUrl: newUrl() });
    await world.pass(10 * SECOND);
    expect(await onlyDelivery(world, `artwork=${id}`)).toMatchObject({ status: "pending", attempts: [] });
    await world.clock.advance(MINUTE);
    await sweep(world.deps);
    await world.settle();
    expect(world.received).toHaveLength(1);
    expect(await onlyDelivery(world, `artwork=${id}`)).toMatchObject({ status: "delivered" });
  });

  it.each(STRIKES)(
    "arrives, with one id and the same bytes, after a %s %s await %i",
    async (verdict, phase, nth) => {
      const { world, artwork, struckAt } = await play(nth, phase, verdict);
      if (struckAt !== null) points.add(struckAt);
      expect(await onlyDelivery(world, `artwork=${artwork}`)).toMatchObject({ status: "delivered" });
      expect(new Set(world.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
      expect(new Set(world.received.map(({ body }) => body)).size).toBe(1);
      // Twice only where the first POST was not recorded.
      expect(world.received.length).toBeLessThanOrEqual(2);
    },
  );

  it("covers every await of a dispatch", () => {
    expect([...points].toSorted()).toEqual([
      "after db read",
      "after db update webhook_deliveries",
      "after webhookSender.post",
      "before db read",
      "before db update webhook_deliveries",
      "before webhookSender.post",
    ]);
  });

  it("is not sent while its try cannot be recorded", async () => {
    const world = createDeafWorld();
    const webhookUrl = newUrl();
    await generate(world, { prompt: "a fox", webhookUrl });
    await world.pass(10 * SECOND);
    let writes = 0;
    const process = startProcess(world.deps, env.DB, async (point) => {
      if (!point.startsWith("db update")) return "go";
      writes += 1;
      return "throw";
    });
    const runs = Array.from({ length: 5 }, () =>
      process.run(() => dispatch(process.deps, `root ${webhookUrl}`)),
    );
    expect(await Promise.all(runs)).toEqual(runs.map(() => world.clock.now() + 5 * SECOND));
    expect([writes, world.received.length]).toEqual([5, 0]);
  });
});
