import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { runArtwork } from "../../src/domain/lifecycle/run-artwork.ts";
import { generate, statusOf, timelineOf } from "../support/expect.ts";
import { createWorld } from "../support/harness.ts";
import { startProcess } from "./process.ts";
import type { Phase } from "./process.ts";

const MINUTE = 60_000;
const SCHNELL = "@cf/black-forest-labs/flux-1-schnell";

interface Ended {
  readonly isStruck: boolean;
  readonly point: string;
  readonly end: string;
  readonly creates: number;
  readonly objects: number;
}

/** Runs a generation with a synchronous result in a process that dies at its n-th await; then time passes. */
async function dieAt(n: number, phase: Phase): Promise<Ended> {
  const world = createWorld();
  const artwork = await generate(world, { prompt: "a fox", model: SCHNELL });
  let gates = 0;
  let point = "";
  const process = startProcess(world.deps, env.DB, async (name, when) => {
    gates += when === phase ? 1 : 0;
    if (when !== phase || gates !== n) return "go";
    point = name;
    return "stop";
  });
  await process.run(() => runArtwork(process.deps, artwork.id));
  await world.pass(5 * MINUTE);
  const { status, error, outputs } = await statusOf(world, artwork.id);
  const { objects } = await env.MEDIA.list({ prefix: `artworks/${artwork.id}/` });
  const [task] = world.simulator.tasks;
  if (status === "completed" && outputs[0]?.sha256 !== task?.sha256[0]) throw new Error("other bytes");
  await timelineOf(world, artwork.id);
  return {
    isStruck: point !== "",
    point,
    end: error?.code ?? status,
    creates: world.simulator.creates(),
    objects: objects.length,
  };
}

async function dieAtEach(phase: Phase): Promise<Ended[]> {
  const ends: Ended[] = [];
  for (let n = 1; ; n += 1) {
    const ended = await dieAt(n, phase);
    if (!ended.isStruck) return ends;
    ends.push(ended);
  }
}

/** A run completes with one create and one object, or ends as unknown with an empty bucket. */
const isTruthful = ({ end, creates, objects }: Ended): boolean =>
  end === "completed" ? creates === 1 && objects === 1 : end === "outcome_unknown" && objects === 0;

describe("a generation with a synchronous result", () => {
  it.each<Phase>(["before", "after"])(
    "ends truthfully and is paid once when the process dies %s the effect of any await",
    { timeout: 120_000 },
    async (phase) => {
      const ends = await dieAtEach(phase);

      expect(ends.filter((ended) => ended.creates > 1 || !isTruthful(ended))).toEqual([]);
      const lost = ends.filter(({ end }) => end === "outcome_unknown").map(({ point }) => point);
      // Only between the recorded intent and the stored object.
      expect(new Set(lost).size).toBeLessThan(8);
      expect(lost).toContain("provider.submit");
      expect(ends.length).toBeGreaterThan(15);
    },
  );
});
