import { describe, expect, it } from "vitest";
import { HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { bytesOf, generate, sha256, statusOf, timelineOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

/** `page`: a proxy answers for a provider that is down. `drop`: no answer. `mute`: the provider works and its answers are lost. */
type OutageKind = "page" | "drop" | "mute";

/** A world whose provider can fail in its API, results and callbacks. */
function createFailingWorld() {
  let outage: OutageKind | null = null;
  const lost = () => new TypeError("Network connection lost.");
  const world: World = createWorld({
    network: (send) => async (url, init) => {
      if (outage === "drop") throw lost();
      if (outage === "page") return new Response("<html>502 Bad Gateway</html>", { status: 502 });
      const answer = await send(url, init);
      if (outage === "mute") throw lost();
      return answer;
    },
    simulator: {
      deliver: async (request) => {
        if (outage !== null) throw lost();
        return await world.send(request);
      },
    },
  });
  return { world, be: (next: OutageKind | null) => void (outage = next) };
}

const createsOf = (world: World, prompt: string): number =>
  world.simulator.tasks.filter((task) => task.prompt === prompt).length;

async function expectCompleted(world: World, artworkId: string, prompt: string): Promise<void> {
  const { status, outputs } = await statusOf(world, artworkId);
  const task = world.simulator.tasks.find((made) => made.prompt === prompt);
  expect([prompt, status]).toEqual([prompt, "completed"]);
  expect(await sha256(await bytesOf(world, outputs[0]!))).toBe(task?.sha256[0]);
}

describe("KIE is down for an hour", () => {
  it("and every job from before, during and after the outage ends truthfully and is paid at most once", async () => {
    const { world, be } = createFailingWorld();
    const order = async (prompt: string) => ({ prompt, id: (await generate(world, { prompt })).id });
    const made = [await order("slow [sim:slow=600]"), await order("unread [sim:no-callback]")];
    await world.pass(2 * SECOND);
    made.push(await order("copied [sim:link-500=2]"));
    await world.pass(4 * SECOND);
    expect(await statusOf(world, made[2]!.id)).toMatchObject({ status: "storing" });
    be("page");
    const paged = await order("during, paged");
    await world.pass(10 * MINUTE);
    be("drop");
    const dropped = await order("during, dropped");
    await world.pass(30 * MINUTE);
    be("mute");
    made.push(await order("during, taken without a word"));
    await world.pass(20 * MINUTE);
    be(null);
    made.push(await order("after"));
    await world.pass(8 * HOUR);

    for (const { prompt, id } of made) await expectCompleted(world, id, prompt);
    for (const { prompt, id } of [paged, dropped]) {
      expect(await statusOf(world, id)).toMatchObject({
        status: "failed",
        error: { code: "outcome_unknown", message: expect.stringContaining("may have been billed") },
      });
      expect(createsOf(world, prompt)).toBe(0);
    }
    expect(made.map(({ prompt }) => createsOf(world, prompt))).toEqual(made.map(() => 1));
  });
});

describe("a key that is revoked while its job runs", () => {
  it("fails the job at its deadline, and stores its result when the key works again", async () => {
    const world = createWorld();
    const prompt = "fox [sim:slow=60]";
    const { id } = await generate(world, { prompt });
    await world.pass(10 * SECOND);
    world.simulator.setAccountProblem("sim-key", "locked");
    await world.pass(20 * MINUTE);
    expect(await statusOf(world, id)).toMatchObject({ status: "failed", error: { code: "timed_out" } });

    world.simulator.setAccountProblem("sim-key", null);
    await world.pass(HOUR);

    await expectCompleted(world, id, prompt);
    expect(createsOf(world, prompt)).toBe(1);
  });
});

describe("a clock that jumps by minutes between steps", () => {
  const JUMPS = [0, 5, -5, 2, 20, -3, 0, -20, 7, -1].map((minutes) => minutes * MINUTE);

  it("ends every job correctly and pays none twice", async () => {
    let jump = 0;
    const world = createWorld({ deps: (base) => ({ now: () => base.now() + jump }) });
    const scenarios = ["", "[sim:no-callback]", "[sim:slow=20]", "[sim:create-429=1]", "[sim:create-drop]"];
    const made: { id: string; prompt: string }[] = [];
    for (let step = 0; step < 40; step += 1) {
      jump = JUMPS[(step * 7) % JUMPS.length] ?? 0;
      if (step < 20) {
        const prompt = `fox ${step} ${scenarios[step % scenarios.length]}`.trim();
        made.push({ prompt, id: (await generate(world, { prompt })).id });
      }
      await world.pass(step % 3 === 0 ? 7 * SECOND : SECOND);
    }
    jump = 0;
    await world.pass(2 * HOUR);

    const paid = made.filter(({ prompt }) => createsOf(world, prompt) > 0);
    const unpaid = made.filter((one) => !paid.includes(one));
    for (const { prompt, id } of paid) await expectCompleted(world, id, prompt);
    expect(paid.map(({ prompt }) => createsOf(world, prompt))).toEqual(paid.map(() => 1));
    expect(paid.length).toBeGreaterThan(made.length / 2);
    // A jump over the deadline ends queued jobs before any create call.
    for (const { id } of unpaid)
      expect(await statusOf(world, id)).toMatchObject({ error: { code: "timed_out" } });
    for (const { id } of paid) expect((await timelineOf(world, id)).at(-1)).toBe("artwork.completed");
    expect(world.heldSlots()).toEqual([]);
  });
});
