import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { slowSteps } from "../../support/query-plans.ts";

const RETRY = { "x-stainless-retry-count": "1" };

const post = (world: World, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  world.call("POST", "/api/artworks/generate", { body, headers });

const newFox = () => ({ prompt: `a fox ${crypto.randomUUID()}` });

/** Answers of two requests, of which the first reaches the database with what it records only after the second. */
async function overtaken(
  world: World,
  first: () => Promise<Response>,
  second: () => Promise<Response>,
): Promise<readonly [Response, Response]> {
  const released = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const batch = env.DB.batch.bind(env.DB);
  vi.spyOn(env.DB, "batch").mockImplementationOnce(async <Row>(statements: D1PreparedStatement[]) => {
    reached.resolve();
    await released.promise;
    return await batch<Row>(statements);
  });
  const answering = first();
  await reached.promise;
  await world.clock.advance(500);
  const answer = await second();
  released.resolve();
  return [await answering, answer];
}

const isReplay = (response: Response): boolean => response.headers.get("Idempotent-Replayed") === "true";
const idOf = async (response: Response): Promise<string> => (await response.json<ArtworkBody>()).id;

describe("a client's retry without a key", () => {
  it("is made once when it overtakes what it repeats", async () => {
    const world = createWorld();
    const fox = newFox();
    const [first, retried] = await overtaken(
      world,
      () => post(world, fox),
      () => post(world, fox, RETRY),
    );
    await world.pass(10_000);
    expect([isReplay(first), isReplay(retried)]).toEqual([true, false]);
    expect(await idOf(first)).toBe(await idOf(retried));
    expect(world.simulator.creates()).toBe(1);
    expect(await slowSteps(world.queries.trips)).toEqual([]);
  });

  it("is made once also when the clock of the machine that got the first is ahead by two seconds", async () => {
    let ahead = 2_000;
    const world: World = createWorld({ deps: (base) => ({ now: () => base.now() + ahead }) });
    const fox = newFox();
    await overtaken(
      world,
      () => post(world, fox),
      () => {
        ahead = 0;
        return post(world, fox, RETRY);
      },
    );
    await world.pass(10_000);
    expect(world.simulator.creates()).toBe(1);
  });

  it("is made once when it overtakes what it repeats in OpenAI's dialect, too", async () => {
    const world = createWorld();
    const body = { prompt: `a crane ${crypto.randomUUID()}`, model: "sora-2" };
    const [first, retried] = await overtaken(
      world,
      () => world.call("POST", "/v1/videos", { body }),
      () => world.call("POST", "/v1/videos", { body, headers: RETRY }),
    );
    await world.pass(10_000);
    expect(await idOf(first)).toBe(await idOf(retried));
    expect(world.simulator.creates()).toBe(1);
  });

  it("is made once when what it repeats is recorded after it has looked for it", async () => {
    const world = createWorld();
    const fox = newFox();
    const [retried, first] = await overtaken(
      world,
      () => post(world, fox, RETRY),
      () => post(world, fox),
    );
    await world.pass(10_000);
    expect([isReplay(first), isReplay(retried)]).toEqual([false, true]);
    expect(await idOf(first)).toBe(await idOf(retried));
    expect(world.simulator.creates()).toBe(1);
  });

  it("is made once when another one overtakes it", async () => {
    const world = createWorld();
    const fox = newFox();
    const [retried, again] = await overtaken(
      world,
      () => post(world, fox, RETRY),
      () => post(world, fox, RETRY),
    );
    await world.pass(10_000);
    expect([isReplay(retried), isReplay(again)]).toEqual([true, false]);
    expect(world.simulator.creates()).toBe(1);
  });

  it("leaves an equal request that comes after it one of its own", async () => {
    const world = createWorld();
    const fox = newFox();
    await post(world, fox, RETRY);
    await world.pass(10_000);
    const next = await post(world, fox);
    await world.pass(10_000);
    expect(isReplay(next)).toBe(false);
    expect(world.simulator.creates()).toBe(2);
  });

  it("is made again once what it repeats has been deleted", async () => {
    const world = createWorld();
    const fox = newFox();
    const id = await idOf(await post(world, fox, RETRY));
    await world.pass(10_000);
    await world.call("DELETE", `/api/artworks/${id}`);
    await world.pass(10_000);
    const next = await post(world, fox, RETRY);
    await world.pass(10_000);
    expect(isReplay(next)).toBe(false);
    expect(world.simulator.creates()).toBe(2);
  });
});
