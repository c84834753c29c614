import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Deps } from "../../../src/domain/deps.ts";
import { bytesOf, generate, sha256, statusOf, timelineOf } from "../../support/expect.ts";
import type { GenerationBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

const MINUTE = 60_000;
const SCHNELL = "@cf/black-forest-labs/flux-1-schnell";

const ask = (world: World, body: Record<string, unknown> = {}) =>
  generate(world, { prompt: "a fox", model: SCHNELL, ...body });

async function settled(world: World, body: Record<string, unknown> = {}): Promise<GenerationBody> {
  const artwork = await ask(world, body);
  await world.settle();
  return await statusOf(world, artwork.id);
}

const objectsOf = async (artworkId: string): Promise<string[]> => {
  const { objects } = await env.MEDIA.list({ prefix: `artworks/${artworkId}/` });
  return objects.map((object) => object.key);
};

/** A media store with a hook before or after `store`; the hook may throw. */
const wrapStore =
  (wrap: (real: Deps["mediaStore"]["store"]) => Deps["mediaStore"]["store"]) =>
  (base: Deps): Partial<Deps> => ({ mediaStore: { ...base.mediaStore, store: wrap(base.mediaStore.store) } });

const die = (): never => {
  throw new Error("the process died");
};

describe("a synchronous result", () => {
  it("is in the bucket, byte for byte, after one run and one call", async () => {
    const world = createWorld();
    const artwork = await ask(world);

    await world.settle();

    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "completed", input: { prompt: "a fox", steps: 4 } });
    const output = generation.outputs[0]!;
    expect(output).toMatchObject({ contentType: "image/jpeg", width: 1024, height: 1024 });
    expect(await sha256(await bytesOf(world, output))).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect(await objectsOf(artwork.id)).toEqual([`artworks/${artwork.id}/1/0.jpg`]);
    expect(await timelineOf(world, artwork.id)).toEqual([
      "artwork.queued",
      "artwork.submitting",
      "artwork.storing",
      "artwork.completed",
    ]);
    expect(world.simulator.creates()).toBe(1);
  });

  it("reports its real size, which is the requested one where the model accepts it", async () => {
    const taken = await settled(createWorld(), { prompt: "a fox [sim:size-taken]", aspectRatio: "16:9" });
    const refused = createWorld();
    const drawn = await settled(refused, { aspectRatio: "16:9" });

    expect(taken.outputs[0]).toMatchObject({ width: 1024, height: 576 });
    expect(drawn.outputs[0]).toMatchObject({ width: 1024, height: 1024 });
    expect(refused.simulator.tasks[0]?.body).toStrictEqual({ prompt: "a fox", steps: 4 });
    expect([refused.simulator.creates(), refused.simulator.refused.length]).toEqual([1, 1]);
  });

  it("uses the operator's number of steps unless the request sets one", async () => {
    const world = createWorld({ vars: { FLUX_NUM_STEPS: "6" } });
    await settled(world);
    await settled(world, { input: { steps: 2 } });

    expect(world.simulator.tasks.map(({ body }) => body["steps"])).toEqual([6, 2]);
  });

  it.each([
    ["create-401", "provider_key_invalid", 0],
    ["create-402", "provider_credits_exhausted", 0],
    ["create-404", "model_unavailable", 0],
    ["create-422", "invalid_input_upstream", 0],
    ["create-505", "model_unavailable", 0],
    ["fail-400", "content_policy", 0],
    ["create-500-after-accept", "outcome_unknown", 1],
    ["create-drop", "outcome_unknown", 1],
    ["create-html-502", "outcome_unknown", 1],
    ["success-no-url", "no_result", 1],
    ["link-html", "result_unusable", 1],
    ["link-empty", "result_unusable", 1],
  ])("with a fault (%s) ends at once as %s after %i creates", async (marker, code, creates) => {
    const world = createWorld();
    const artwork = await ask(world, { prompt: `a fox [sim:${marker}]` });

    await world.settle();

    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "failed", terminal: true, outputs: [], error: { code } });
    expect(await objectsOf(artwork.id)).toEqual([]);
    await world.pass(20 * MINUTE);
    expect(world.simulator.creates()).toBe(creates);
  });

  it.each(["create-429=2", "create-455=2"])(
    "is requested again when the provider is busy (%s)",
    async (marker) => {
      const world = createWorld();
      const artwork = await ask(world, { prompt: `a fox [sim:${marker}]` });
      await world.settle();
      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "queued", submittedAt: null });

      await world.pass(5 * MINUTE);

      expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
      expect(world.simulator.creates()).toBe(1);
    },
  );
});

describe("a process that dies", () => {
  it("between the bucket and the record leaves an object that the next run uses without a second call", async () => {
    let deaths = 0;
    const world = createWorld({
      deps: wrapStore((real) => async (...call) => {
        await real(...call);
        deaths += 1;
        return die();
      }),
    });
    const artwork = await ask(world);

    await world.pass(3 * MINUTE);

    const generation = await statusOf(world, artwork.id);
    expect(generation).toMatchObject({ status: "completed" });
    expect(generation.outputs[0]?.sha256).toBe(world.simulator.tasks[0]?.sha256[0]);
    expect([deaths, world.simulator.creates()]).toEqual([1, 1]);
  });

  it("between the answer and the bucket ends with an unknown outcome within minutes", async () => {
    const world = createWorld({ deps: wrapStore(() => async () => die()) });
    const artwork = await ask(world);

    await world.pass(3 * MINUTE);

    const { status, error } = await statusOf(world, artwork.id);
    expect([status, error?.code]).toEqual(["failed", "outcome_unknown"]);
    expect(error?.message).toContain("may have been billed");
    expect(world.simulator.creates()).toBe(1);
  });
});

describe("the bucket", () => {
  const down = { ok: false, problem: "transient", reason: "R2 is down" } as const;
  /** A bucket that works from this try on, and the pauses before it. */
  const downUntil = (first: number, sinceNow = 0) => {
    const pauses: number[] = [];
    let tries = 0;
    const world = createWorld({
      deps: (base) => ({
        now: () => base.now() + (tries === 0 ? 0 : sinceNow),
        pause: async (milliseconds) => void pauses.push(milliseconds),
        ...wrapStore((real) => async (...call) => {
          tries += 1;
          return tries < first ? down : await real(...call);
        })(base),
      }),
    });
    return { world, pauses };
  };

  it("gets the same bytes again, with pauses, while it fails", async () => {
    const { world, pauses } = downUntil(4);

    expect(await settled(world)).toMatchObject({ status: "completed" });
    expect(world.simulator.creates()).toBe(1);
    expect(pauses).toEqual([1_000, 3_000, 9_000]);
  });

  it("that stays down loses the result, and the generation reports the loss", async () => {
    const { world, pauses } = downUntil(Infinity);

    expect(await settled(world)).toMatchObject({ status: "failed", error: { code: "result_lost" } });
    expect(pauses).toHaveLength(3);
  });

  it("is not retried beyond the lease of the row", async () => {
    const { world, pauses } = downUntil(Infinity, 2 * MINUTE - 3_000);

    expect(await settled(world)).toMatchObject({ status: "failed", error: { code: "result_lost" } });
    expect(pauses).toEqual([1_000]);
  });

  it("that stored the result and lost the answer counts as success", async () => {
    const world = createWorld({
      deps: wrapStore((real) => async (...call) => {
        await real(...call);
        return down;
      }),
    });

    expect(await settled(world)).toMatchObject({ status: "completed", error: null });
  });
});

describe("a generation that ends during its call", () => {
  const whileUnderWay = async (act: (world: World, artworkId: string) => Promise<unknown>) => {
    const acts: (() => Promise<unknown>)[] = [];
    const world = createWorld({
      deps: wrapStore((real) => async (...call) => {
        await Promise.all(acts.map((one) => one()));
        return await real(...call);
      }),
    });
    const artwork = await ask(world);
    acts.push(() => act(world, artwork.id));
    await world.pass(MINUTE);
    return { world, artwork };
  };

  it("by a cancel stores nothing and records that the result arrived", async () => {
    const { world, artwork } = await whileUnderWay((own, id) =>
      own.call("POST", `/api/artworks/${id}/cancel`),
    );

    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "canceled", outputs: [] });
    expect((await timelineOf(world, artwork.id)).at(-1)).toBe("generation.news_after_cancel");
    expect(await objectsOf(artwork.id)).toEqual([]);
  });

  it("by the deletion of its artwork leaves nothing behind", async () => {
    const { artwork } = await whileUnderWay((world, id) => world.call("DELETE", `/api/artworks/${id}`));

    expect(await objectsOf(artwork.id)).toEqual([]);
  });

  it("as unknown by another run is completed by the answer", async () => {
    const { world, artwork } = await whileUnderWay(async (own, id) => {
      await own.deps.db.run(
        `update generations set status = 'failed', error_code = 'outcome_unknown', completed_at = 1 where artwork_id = '${id}'`,
      );
    });

    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed", error: null });
  });
});
