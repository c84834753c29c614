import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { sweep } from "../../../src/domain/sweep.ts";
import { DAY, HOUR, MINUTE } from "../../../src/lib/time.ts";
import type { ArtworkBody, ProblemBody } from "../../support/expect.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { png, pngOf } from "../../support/fixtures/images.ts";
import { upload } from "../../support/upload.ts";
import { plansOf, slowSteps } from "../../support/query-plans.ts";

const FOX = { prompt: "a red fox in the snow" };
const newKey = () => crypto.randomUUID();

const post = (
  world: World,
  key: string | null,
  body: unknown = FOX,
  headers: Record<string, string> = {},
): Promise<Response> =>
  world.call("POST", "/api/artworks/generate", {
    body,
    headers: { ...(key === null ? {} : { "Idempotency-Key": key }), ...headers },
  });

const regenerate = (world: World, artworkId: string, key: string, body: unknown = {}): Promise<Response> =>
  world.call("POST", `/api/artworks/${artworkId}/regenerate`, { body, headers: { "Idempotency-Key": key } });

const codeOf = async (response: Response): Promise<string> => (await response.json<ProblemBody>()).error.code;

async function countKeys(key: string): Promise<number> {
  const row = await env.DB.prepare("select count(*) as n from idempotency_keys where key = ?")
    .bind(key)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

describe("Idempotency-Key", () => {
  it("answers a repetition with the first answer, byte for byte, and makes nothing", async () => {
    const world = createWorld();
    const key = newKey();
    const first = await post(world, key);
    await world.pass(10_000);
    const second = await post(world, key);
    await world.pass(10_000);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(second.headers.get("Content-Type")).toBe(first.headers.get("Content-Type"));
    expect(await second.text()).toBe(await first.text());
    expect([first, second].map((answer) => answer.headers.get("Idempotent-Replayed"))).toEqual([
      null,
      "true",
    ]);
    expect(world.simulator.creates()).toBe(1);
  });

  it("makes one artwork and one generation of fifty requests at the same time", async () => {
    const world = createWorld();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(world, key)));
    const ids = await Promise.all(answers.map(async (answer) => (await answer.json<ArtworkBody>()).id));
    await world.pass(10_000);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 202));
    expect(answers.filter((answer) => answer.headers.get("Idempotent-Replayed") === null)).toHaveLength(1);
    expect(new Set(ids).size).toBe(1);
    expect(world.simulator.creates()).toBe(1);
  });

  it("compares what is meant, not how it is written", async () => {
    const world = createWorld();
    const key = newKey();
    await post(world, key, { ...FOX, metadata: { a: 1, b: { c: 2, d: 3 } } });
    const second = await post(world, key, {
      metadata: { b: { d: 3, c: 2 }, a: 1 },
      model: "flux-kontext-pro",
      aspectRatio: "1:1",
      outputFormat: "jpeg",
      title: null,
      prompt: ` ${FOX.prompt} `,
    });
    expect(second.headers.get("Idempotent-Replayed")).toBe("true");
  });

  it("refuses another body under the same key", async () => {
    const world = createWorld();
    const key = newKey();
    await post(world, key);
    const other = await post(world, key, { prompt: "a blue fox" });
    expect(other.status).toBe(422);
    expect(await codeOf(other)).toBe("idempotency_key_reused");
    const otherTitle = await post(world, key, { ...FOX, title: "Fox" });
    expect(await codeOf(otherTitle)).toBe("idempotency_key_reused");
  });

  it("leaves the key free when the request is refused", async () => {
    const world = createWorld();
    const key = newKey();
    const refused = await post(world, key, { prompt: "" });
    const accepted = await post(world, key);
    expect([refused.status, accepted.status]).toEqual([422, 202]);
    expect(accepted.headers.get("Idempotent-Replayed")).toBeNull();
  });

  it("counts within a caller's route", async () => {
    const world = createWorld();
    const key = newKey();
    const [one, two] = [await generate(world, FOX), await generate(world, FOX)];
    await world.pass(10_000);
    const answers = [await post(world, key, FOX), await regenerate(world, one.id, key)];
    answers.push(await regenerate(world, two.id, key));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(answers.map((answer) => answer.headers.get("Idempotent-Replayed"))).toEqual([null, null, null]);
  });

  it("is refused when it is not 1 to 255 printable ASCII characters", async () => {
    const world = createWorld();
    const refused = [
      await post(world, ""),
      await post(world, "k".repeat(256)),
      await post(world, "one\ttwo"),
    ];
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422]);
    const body = await refused[0]!.json<ProblemBody>();
    expect(body.errors[0]?.path).toBe("Idempotency-Key");
    expect((await post(world, "~ !".repeat(85))).status).toBe(202);
  });

  it("is forgotten after a day, and its row removed by the sweep", async () => {
    const world = createWorld();
    const key = newKey();
    await post(world, key);
    await world.clock.advance(DAY - HOUR);
    expect((await post(world, key)).headers.get("Idempotent-Replayed")).toBe("true");
    await world.clock.advance(HOUR);
    expect((await post(world, key)).headers.get("Idempotent-Replayed")).toBeNull();
    await world.clock.advance(DAY);
    await sweep(world.deps);
    expect(await countKeys(key)).toBe(0);
  });

  it("regenerates once, whether the first repetition comes while it runs or after", async () => {
    const world = createWorld();
    const artwork = await generate(world, FOX);
    await world.pass(10_000);
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => regenerate(world, artwork.id, key, { prompt: "a fox at night" })),
    );
    await world.pass(10_000);
    answers.push(await regenerate(world, artwork.id, key, { prompt: "a fox at night" }));
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 11 }, () => 202));
    expect(texts.size).toBe(1);
    expect(await statusOf(world, artwork.id)).toMatchObject({ number: 2, status: "completed" });
    expect(world.simulator.creates()).toBe(2);
  });
});

describe("an answer that is held back by Prefer: wait", () => {
  it("is in flight for repetitions, which then get the held answer", async () => {
    const world = createWorld();
    const key = newKey();
    const first = post(world, key, FOX, { Prefer: "wait=30" });
    await vi.waitFor(async () => expect(await countKeys(key)).toBe(1));
    const meanwhile = await post(world, key);
    expect(meanwhile.status).toBe(409);
    expect(Number(meanwhile.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await codeOf(meanwhile)).toBe("idempotency_in_flight");
    await vi.waitFor(async () => {
      await world.pass(1_000);
      expect(world.simulator.tasks[0]?.state).toBe("succeeded");
    });
    await world.pass(10_000);
    const pending = await first;
    const later = await post(world, key);
    expect([pending.status, later.status]).toEqual([200, 200]);
    expect(await later.text()).toBe(await pending.text());
  });

  it("is the answer that was given at once when the process died while it held", async () => {
    const world = createWorld();
    const key = newKey();
    void post(world, key, FOX, { Prefer: "wait=60" });
    await vi.waitFor(async () => expect(await countKeys(key)).toBe(1));
    const [row] = (
      await env.DB.prepare("select response from idempotency_keys where key = ?").bind(key).all()
    ).results;
    const world2 = createWorld({ deps: () => ({ now: () => world.clock.now() + 71_000 }) });
    const later = await post(world2, key);
    expect(later.status).toBe(202);
    expect(JSON.parse(String(row?.["response"]))).toMatchObject({ body: await later.text() });
  });
});

describe("a client's retry without a key", () => {
  const retry = { "x-stainless-retry-count": "1" };

  it("joins the equal request while it runs and for a quarter of an hour after its end", async () => {
    const world = createWorld();
    const body = { prompt: `a fox ${newKey()}` };
    const first = await generate(world, body);
    await world.pass(1_000);
    const joined = await post(world, null, body, retry);
    expect(joined.status).toBe(202);
    expect(joined.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await joined.json<ArtworkBody>()).toMatchObject({ id: first.id, generation: { number: 1 } });
    await world.pass(10_000);
    await world.clock.advance(14 * MINUTE);
    const late = await post(world, null, body, retry);
    expect([late.status, late.headers.get("Idempotent-Replayed")]).toEqual([200, "true"]);
    expect(await late.json<ArtworkBody>()).toMatchObject({ id: first.id, status: "ready" });
    await world.clock.advance(MINUTE);
    const next = await post(world, null, body, retry);
    expect(next.headers.get("Idempotent-Replayed")).toBeNull();
    await world.pass(10_000);
    expect(world.simulator.creates()).toBe(2);
  });

  it("gets the failure of what it repeats, and joins nothing that is deleted", async () => {
    const world = createWorld();
    const body = { prompt: `a fox ${newKey()} [sim:fail-400]` };
    const first = await generate(world, body);
    await world.pass(10_000);
    const joined = await post(world, null, body, retry);
    expect(await joined.json<ArtworkBody>()).toMatchObject({ id: first.id, status: "failed" });
    await world.call("DELETE", `/api/artworks/${first.id}`);
    const next = await post(world, null, body, retry);
    expect(next.headers.get("Idempotent-Replayed")).toBeNull();
  });

  it("is known by what its uploads hold, not by their names", async () => {
    const world = createWorld();
    const asked = async (bytes: Uint8Array<ArrayBuffer>) => ({
      prompt: "make it night",
      images: [(await upload(world, bytes)).id],
    });
    const first = await generate(world, await asked(await png()));
    const joined = await post(world, null, await asked(await png()), retry);
    expect(await joined.json<ArtworkBody>()).toMatchObject({ id: first.id });
    const other = await post(world, null, await asked(await pngOf(20_000)), retry);
    expect(other.headers.get("Idempotent-Replayed")).toBeNull();
  });

  it("is a request of its own with another body, or without the mark", async () => {
    const world = createWorld();
    const body = { prompt: `a fox ${newKey()}` };
    await generate(world, body);
    const other = await post(world, null, { ...body, title: "x" }, retry);
    const unmarked = await post(world, null, body, { "x-stainless-retry-count": "0" });
    expect([other, unmarked].map((answer) => answer.headers.get("Idempotent-Replayed"))).toEqual([
      null,
      null,
    ]);
  });

  it("joins a regenerate that is still running", async () => {
    const world = createWorld();
    const artwork = await generate(world, FOX);
    await world.pass(10_000);
    const path = `/api/artworks/${artwork.id}/regenerate`;
    await world.call("POST", path, { body: { prompt: "a wolf" } });
    const joined = await world.call("POST", path, { body: { prompt: "a wolf" }, headers: retry });
    expect([joined.status, joined.headers.get("Idempotent-Replayed")]).toEqual([202, "true"]);
    const other = await world.call("POST", path, { body: { prompt: "a bear" }, headers: retry });
    expect(other.status).toBe(409);
  });
});

describe("what it costs", () => {
  it("is one batch before the answer, with and without a key", async () => {
    const world = createWorld();
    await post(world, null, { prompt: "cheap" });
    expect(world.queries.trips).toHaveLength(1);
    world.queries.reset();
    await post(world, newKey());
    expect(world.queries.trips).toHaveLength(1);
  });

  it("is never a scan", async () => {
    const world = createWorld();
    const key = newKey();
    const artwork = await (await post(world, key)).json<ArtworkBody>();
    await post(world, key);
    await post(world, null, FOX, { "x-stainless-retry-count": "2" });
    await regenerate(world, artwork.id, key);
    await sweep(world.deps);
    expect(world.queries.trips.length).toBeGreaterThan(5);
    expect(await slowSteps(world.queries.trips)).toEqual([]);
    const plans = (await plansOf(world.queries.trips)).join("\n");
    expect(plans).toContain("SEARCH generations USING INDEX generations_by_fingerprint (fingerprint=?)");
    expect(plans).toContain("SEARCH idempotency_keys USING COVERING INDEX idempotency_keys_by_expiry");
  });
});
