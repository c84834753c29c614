import { describe, expect, it } from "vitest";
import type { Deps } from "../../../src/domain/deps.ts";
import type { StartSlots } from "../../../src/domain/ports/start-slots.ts";
import { newestGeneration } from "../../../src/domain/artworks/queries.ts";
import { requestGeneration } from "../../../src/domain/requests/request.ts";
import type { ProblemBody } from "../../support/expect.ts";
import { generate, read, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { DOCUMENTED_CREATE_LIMIT } from "../../../src/simulator/simulator.ts";

const MINUTE = 60_000;
const REAL_LIMIT = { simulator: { createLimit: DOCUMENTED_CREATE_LIMIT } };
const TWO_KEYS = { KIE_API_KEY: "key-one,key-two" };

const generateMany = (world: World, count: number, prompt = "a fox") =>
  Promise.all(Array.from({ length: count }, (_, index) => generate(world, { prompt: `${prompt} ${index}` })));

/** Sends a request as another owner. */
async function generateAs(world: World, owner: string, prompt: string): Promise<string> {
  const made = await requestGeneration(world.deps, { owner }, { body: { prompt }, origin: ORIGIN });
  if (made.kind !== "recorded") throw new Error("not accepted");
  await world.deps.actors.wake(made.artwork.id);
  return made.artwork.id;
}

const endsOf = async (world: World, artworks: readonly { id: string }[]) =>
  new Set((await Promise.all(artworks.map(({ id }) => statusOf(world, id)))).map(({ status }) => status));

/** Milliseconds between the first create and the last. */
function span(world: World): number {
  const times = world.simulator.tasks.map((task) => task.createdAt);
  return Math.max(...times) - Math.min(...times);
}

interface Health {
  readonly components: {
    readonly provider: {
      readonly status: string;
      readonly keys: readonly { fingerprint: string; status: string; reason: string | null }[];
    };
  };
}

const providerHealth = async (world: World) => {
  const response = await world.call("GET", "/api/health");
  const { components } = await response.json<Health>();
  return { code: response.status, ...components.provider };
};

describe("a burst", () => {
  it("is twice as fast with two keys", { timeout: 60_000 }, async () => {
    const [one, two] = [createWorld(REAL_LIMIT), createWorld({ ...REAL_LIMIT, vars: TWO_KEYS })];
    await generateMany(one, 60);
    await generateMany(two, 60);
    await one.pass(23_000);
    await two.pass(12_000);
    expect([one.simulator.creates(), two.simulator.creates()]).toEqual([60, 60]);
    expect(one.simulator.refused.length + two.simulator.refused.length).toBe(0);
    expect(span(one) / span(two)).toBeGreaterThanOrEqual(2);
    const byKey = two.simulator.tasks.filter((task) => task.key === "key-one").length;
    expect(byKey).toBe(30);
  });

  it("of one owner delays another owner's single job by at most a window", async () => {
    const world = createWorld(REAL_LIMIT);
    await generateMany(world, 100);
    await world.pass(1_000);
    const id = await generateAs(world, "someone-else", "a lone fox");
    await world.pass(12_000);
    const row = await newestGeneration(world.deps, "someone-else", id);
    expect(row?.status).toBe("processing");
    expect(world.simulator.creates()).toBeLessThanOrEqual(40);
  });
});

describe("a start that the provider rejects as too early", () => {
  it("pauses the key for a window, then starts first; no job is lost", async () => {
    const world = createWorld(REAL_LIMIT);
    const dropped = await generate(world, { prompt: "a fox [sim:create-429=1]" });
    const others = await generateMany(world, 30);
    await world.settle();
    expect(world.simulator.refused).toHaveLength(1);
    const before = world.simulator.creates();
    await world.pass(9_900);
    expect(world.simulator.creates()).toBe(before);
    await world.pass(3_000);
    expect(await statusOf(world, dropped.id)).toMatchObject({ status: "processing" });
    await world.pass(MINUTE);
    expect(await endsOf(world, [dropped, ...others])).toEqual(new Set(["completed"]));
    expect(world.simulator.refused).toHaveLength(1);
  });
});

describe("a key that the provider refuses", () => {
  it.each(["create-401", "create-402", "create-433"])(
    "is disabled, and another one makes the job (%s)",
    async (scenario) => {
      const world = createWorld({ vars: TWO_KEYS });
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}=1]` });
      await world.pass(15_000);
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
      expect(world.simulator.tasks[0]?.key).not.toBe(world.simulator.refused[0]?.key);
      const health = await providerHealth(world);
      expect(health).toMatchObject({ code: 200, status: "ok" });
      expect(health.keys.map(({ status }) => status).toSorted()).toEqual(["ok", "set_aside"]);
      expect(JSON.stringify(health)).not.toContain("key-one");
    },
  );

  it.each([
    ["create-401", "provider_key_invalid"],
    ["create-402", "provider_credits_exhausted"],
  ])(
    "fails its job when no other key is left, and the next request is refused at once (%s)",
    async (scenario, code) => {
      const world = createWorld({ vars: TWO_KEYS });
      const artwork = await generate(world, { prompt: `a fox [sim:${scenario}=2]` });
      await world.settle();
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "failed", error: { code } });
      world.queries.reset();
      const next = await world.call("POST", "/api/artworks/generate", { body: { prompt: "a wolf" } });
      expect(next.status).toBe(503);
      expect(next.headers.get("Retry-After")).toBe("60");
      expect((await next.json<ProblemBody>()).error.code).toBe(code);
      expect(world.queries.trips).toEqual([]);
      const again = await world.call("POST", `/api/artworks/${artwork.id}/regenerate`);
      expect(again.status).toBe(503);
      expect(await providerHealth(world)).toMatchObject({ code: 503, status: "down" });
    },
  );

  it("fails the waiting jobs when there is no other key", async () => {
    const world = createWorld(REAL_LIMIT);
    const broke = await generate(world, { prompt: "a fox [sim:create-402=1]", title: "first" });
    const others = await generateMany(world, 25);
    await world.settle();
    expect(await statusOf(world, broke.id)).toMatchObject({ status: "failed" });
    expect(await endsOf(world, others)).toEqual(new Set(["failed"]));
    expect(world.simulator.creates()).toBe(0);
  });

  it("is checked once a minute and used again when it works", async () => {
    const reads: string[] = [];
    const world = createWorld({ deps: countingChecks(reads) });
    await generate(world, { prompt: "a fox [sim:create-402=1]" });
    await world.pass(59_000);
    expect(reads).toHaveLength(0);
    await world.pass(2_000);
    expect(reads).toHaveLength(1);
    expect(await providerHealth(world)).toMatchObject({ code: 200, status: "ok" });
    const artwork = await generate(world, { prompt: "a wolf" });
    await world.pass(15_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(reads).toHaveLength(1);
  });

  it("stays disabled while its account is empty", async () => {
    const world = createWorld({ simulator: { balance: 0 } });
    await generate(world, { prompt: "a fox" });
    await world.pass(5 * MINUTE);
    expect(await providerHealth(world)).toMatchObject({
      code: 503,
      keys: [{ status: "set_aside", reason: "provider_credits_exhausted" }],
    });
    expect(world.simulator.refused).toHaveLength(1);
  });
});

const countingChecks = (reads: string[]) => (base: Deps) => ({
  providers: {
    ...base.providers,
    checkCredential: (...[refused, log]: Parameters<Deps["providers"]["checkCredential"]>) => {
      reads.push(refused.key);
      return base.providers.checkCredential(refused, log);
    },
  },
});

const withSlots = (change: (slots: StartSlots) => Partial<StartSlots>) => (base: Deps) => ({
  startSlots: { ...base.startSlots, ...change(base.startSlots) },
});

describe("a failure of the slots", () => {
  it("only delays jobs while the Durable Object is down", async () => {
    const until = Date.now() + 35_000;
    const world = createWorld({
      deps: (base) =>
        withSlots((slots) => ({
          ask: async (...asked) => {
            if (base.now() < until) throw new Error("the object is overloaded");
            return await slots.ask(...asked);
          },
        }))(base),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    await world.pass(30_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "queued" });
    await world.pass(30_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(world.logs.filter((line) => line["event"] === "slots.unreachable").length).toBeGreaterThan(1);
  });

  it("recovers from a lost wake at the row's own due time", async () => {
    const woken = new Set<string>();
    const world = createWorld({
      ...REAL_LIMIT,
      deps: (base) => ({
        actors: {
          ...base.actors,
          // The first wake is the request's own; every later one is lost.
          wake: async (id) => (woken.has(id) ? undefined : base.actors.wake(woken.add(id) && id)),
        },
      }),
    });
    const artworks = await generateMany(world, 45);
    await world.pass(8 * MINUTE);
    expect(await endsOf(world, artworks)).toEqual(new Set(["completed"]));
    expect(world.simulator.refused).toEqual([]);
  });
});

describe("a slot is released", () => {
  /** A hundred jobs, the limit of a key, never end; `next` waits for one of them. */
  async function fullHouse(prompt: string) {
    const world = createWorld();
    const running = await generateMany(world, 100, prompt);
    await world.pass(50_000);
    const next = await generate(world, { prompt: "next" });
    await world.pass(12_000);
    expect(await statusOf(world, next.id)).toMatchObject({ status: "queued" });
    return { world, running, next };
  }

  it("when its generation is canceled", { timeout: 60_000 }, async () => {
    const { world, running, next } = await fullHouse("a fox [sim:stuck]");
    await world.call("POST", `/api/artworks/${running[0]!.id}/cancel`);
    await world.settle();
    expect(await statusOf(world, next.id)).toMatchObject({ status: "processing" });
  });

  it("when its release is lost, at its deadline", { timeout: 60_000 }, async () => {
    const world = createWorld({ deps: (base) => ({ ...withSlots(lost)(base), listeners: [] }) });
    const running = await generateMany(world, 100);
    await world.pass(70_000);
    expect(await endsOf(world, running)).toEqual(new Set(["completed"]));
    const next = await generate(world, { prompt: "next", deadlineSeconds: 3_600 });
    await world.pass(10_000);
    expect(await statusOf(world, next.id)).toMatchObject({ status: "queued" });
    await world.pass(15 * MINUTE);
    expect(await statusOf(world, next.id)).toMatchObject({ status: "completed" });
  });

  it("when its queued generation is canceled, so that the queue continues", async () => {
    const world = createWorld(REAL_LIMIT);
    const artworks = await generateMany(world, 22);
    await world.settle();
    await world.call("POST", `/api/artworks/${artworks[20]!.id}/cancel`);
    await world.pass(12_000);
    expect(await timelineOf(world, artworks[20]!.id)).toEqual(["artwork.queued", "artwork.canceled"]);
    expect(world.simulator.creates()).toBe(21);
  });
});

const lost = (): Partial<StartSlots> => ({ release: async () => undefined });

describe("the cost of a request", () => {
  it("is one batch of writes without a call to a Durable Object", async () => {
    const asked: string[] = [];
    const world = createWorld({
      deps: withSlots((slots) => ({
        ask: (...args) => {
          asked.push("ask");
          return slots.ask(...args);
        },
        release: async () => void asked.push("release"),
      })),
    });
    const artwork = await generate(world, { prompt: "a fox" });
    expect(world.queries.trips).toHaveLength(1);
    expect(asked).toEqual([]);
    await read(world, `/api/artworks/${artwork.id}`);
  });
});
