import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import type { SlotRequest } from "../../../src/domain/ports/start-slots.ts";
import {
  ask,
  EMPTY_STATE,
  requeueFirst,
  nextWake,
  release,
  serve,
  disabled,
} from "../../../src/domain/start-slots/book.ts";
import type { SlotState } from "../../../src/domain/start-slots/book.ts";

const T0 = 1_760_000_000_000;
const MINUTE = 60_000;

const request = (id: string, owner = "ann", deadlineAt = T0 + 15 * MINUTE): SlotRequest => ({
  generationId: id,
  artworkId: `art-${id}`,
  owner,
  deadlineAt,
  limits: { starts: 20, window: 11_000, running: 100 },
});

const asking = (state: SlotState, wanted: SlotRequest, now = T0) =>
  ask(state, wanted, { mayWait: true, now });

/** A state after these requests, one after the other at the same time. */
const afterAsking = (wanted: readonly SlotRequest[], now = T0, start: SlotState = EMPTY_STATE): SlotState =>
  wanted.reduce((state, one) => asking(state, one, now).state, start);

const many = (count: number, owner = "ann"): SlotRequest[] =>
  Array.from({ length: count }, (_, index) => request(`${owner}-${index}`, owner));

const ids = (toWake: readonly SlotRequest[]): string[] => toWake.map(({ generationId }) => generationId);

describe("starts within a window", () => {
  it("are limited to twenty; the next one waits for the window to pass, plus a margin", () => {
    const state = afterAsking(many(20));
    const { answer, state: full } = asking(state, request("late"));
    expect(answer).toStrictEqual({ state: "waiting", isInLine: true, ahead: 1 });
    expect(nextWake(full, T0)).toBe(T0 + 11_000);
    expect(serve(full, T0 + 10_999).toWake).toEqual([]);
    expect(ids(serve(full, T0 + 11_000).toWake)).toEqual(["late"]);
  });

  it("count once for a generation that asks twice", () => {
    const twice = afterAsking([...many(19), ...many(19)]);
    expect(asking(twice, request("twentieth")).answer).toMatchObject({ state: "granted" });
    const inLine = afterAsking([...many(25), ...many(25)]);
    expect(asking(inLine, request("next")).answer).toMatchObject({ ahead: 6 });
  });

  it("still count after their jobs have ended", () => {
    const state = release(afterAsking(many(20)), "ann-0", T0 + 1_000).state;
    expect(asking(state, request("next"), T0 + 1_000).answer).toMatchObject({ state: "waiting" });
  });

  it("count from the time when the job takes its turn, not from the wake", () => {
    const served = serve(afterAsking(many(21)), T0 + 11_000).state;
    const taken = asking(served, request("ann-20"), T0 + 20_000).state;
    const full = afterAsking(many(19, "bob"), T0 + 20_000, taken);
    expect(asking(full, request("next"), T0 + 30_999).answer).toMatchObject({ state: "waiting" });
    expect(asking(full, request("next"), T0 + 31_000).answer).toMatchObject({ state: "granted" });
  });

  it("get first polls at least half a second apart", () => {
    const together = afterAsking(many(19));
    expect(asking(EMPTY_STATE, request("first")).answer).toStrictEqual({ state: "granted", pollDelay: 0 });
    expect(asking(together, request("last")).answer).toStrictEqual({ state: "granted", pollDelay: 9_500 });
    const alone = asking(together, request("later"), T0 + 10_000).answer;
    expect(alone).toStrictEqual({ state: "granted", pollDelay: 0 });
    const backThen = asking(together, request("earlier"), T0 - MINUTE).answer;
    expect(backThen).toStrictEqual({ state: "granted", pollDelay: 11_000 });
  });

  it("are not queued when the request does not want to wait", () => {
    const { state, answer } = ask(afterAsking(many(20)), request("shy"), { mayWait: false, now: T0 });
    expect(answer).toStrictEqual({ state: "waiting", isInLine: false, ahead: 0 });
    expect(nextWake(state, T0)).toBeNull();
  });
});

describe("the queue", () => {
  it("serves one owner's single job before another owner's five hundred", () => {
    const state = afterAsking([...many(500), request("bob-1", "bob")]);
    expect(ids(serve(state, T0 + 11_000).toWake).slice(0, 2)).toEqual(["ann-20", "bob-1"]);
  });

  it("alternates between owners with many jobs", () => {
    const state = afterAsking([...many(60), ...many(60, "bob"), ...many(60, "eve")]);
    const owners = serve(state, T0 + 11_000).toWake.map(({ owner }) => owner);
    expect(owners.slice(0, 9)).toEqual(["ann", "bob", "eve", "ann", "bob", "eve", "ann", "bob", "eve"]);
  });

  it("is not overtaken by a newcomer when there is room again", () => {
    const state = afterAsking(many(21));
    expect(asking(state, request("new"), T0 + 11_000).answer).toMatchObject({ state: "waiting", ahead: 2 });
  });

  it("continues when a turn is not taken, because its reservation expires after fifteen seconds", () => {
    const served = serve(afterAsking(many(45)), T0 + 11_000);
    expect(served.toWake).toHaveLength(20);
    expect(nextWake(served.state, T0 + 11_000)).toBe(T0 + 26_000);
    expect(serve(served.state, T0 + 26_000).toWake).toHaveLength(5);
  });

  it("drops a released job", () => {
    const { state } = release(afterAsking(many(22)), "ann-20", T0);
    expect(ids(serve(state, T0 + 11_000).toWake)).toEqual(["ann-21"]);
  });
});

/** A hundred running jobs, the last of them started at `T0 + 44 s`. */
const hundred = (): SlotState =>
  [0, 1, 2, 3, 4].reduce(
    (state, round) => afterAsking(many(20, `owner${round}`), T0 + round * 11_000, state),
    EMPTY_STATE,
  );

describe("running jobs", () => {
  it("are limited to a hundred; the next starts when one ends", () => {
    const now = T0 + 2 * MINUTE;
    const { state, answer } = asking(hundred(), request("next"), now);
    expect(answer).toMatchObject({ state: "waiting" });
    expect(serve(state, now).toWake).toEqual([]);
    expect(ids(release(state, "owner0-0", now).toWake)).toEqual(["next"]);
  });

  it("expire at their deadline, so that a lost release does not block a slot", () => {
    const { state } = asking(hundred(), request("next", "ann", T0 + 60 * MINUTE), T0 + 2 * MINUTE);
    expect(nextWake(state, T0 + 2 * MINUTE)).toBe(T0 + 15 * MINUTE);
    expect(ids(serve(state, T0 + 15 * MINUTE).toWake)).toEqual(["next"]);
  });
});

describe("a start that the provider rejected with 429", () => {
  it("pauses the key for a window and is first after it", () => {
    const state = requeueFirst(afterAsking(many(30)), request("ann-3"), T0 + 1_000);
    expect(nextWake(state, T0 + 1_000)).toBe(T0 + 12_000);
    expect(asking(state, request("new"), T0 + 11_500).answer).toMatchObject({ state: "waiting" });
    expect(ids(serve(state, T0 + 12_000).toWake).slice(0, 2)).toEqual(["ann-3", "ann-20"]);
  });
});

describe("a disabled key", () => {
  const why = {
    key: "k",
    code: "provider_key_invalid",
    refusedAt: T0,
    probeAt: T0 + MINUTE,
    markedAt: T0,
  } as const;

  it("starts no job, dismisses waiting jobs and keeps running ones", () => {
    const { state, toWake } = disabled(afterAsking(many(22)), why, T0);
    expect(ids(toWake)).toEqual(["ann-20", "ann-21"]);
    expect(asking(state, request("new")).answer).toEqual({
      state: "set_aside",
      code: "provider_key_invalid",
    });
    expect(state.entries.size).toBe(20);
    expect(nextWake(state, T0)).toBe(T0 + MINUTE);
  });
});

const Step = record({
  id: integer({ min: 0, max: 400 }),
  owner: constantFrom("ann", "bob", "eve"),
  wait: integer({ min: 0, max: 3_000 }),
  does: constantFrom("ask", "ask", "ask", "release", "serve", "handBack"),
});

describe("any sequence of requests", () => {
  it("never gets more than twenty starts within eleven seconds", () => {
    const run = property(array(Step, { maxLength: 300 }), (steps) => {
      let state = EMPTY_STATE;
      let now = T0;
      const grants = new Map<string, number>();
      for (const { id, owner, wait, does } of steps) {
        now += wait;
        const wanted = request(String(id), owner);
        if (does === "release") state = release(state, wanted.generationId, now).state;
        else if (does === "serve") state = serve(state, now).state;
        else if (does === "handBack") state = requeueFirst(state, wanted, now);
        else {
          const { state: after, answer } = asking(state, wanted, now);
          const isNew = after.starts.length > 0 && after.starts.at(-1) !== state.starts.at(-1);
          if (answer.state === "granted" && isNew) grants.set(`${id}-${now}-${grants.size}`, now);
          state = after;
        }
      }
      const times = [...grants.values()];
      times.forEach((at, index) =>
        expect((times[index + 20] ?? Infinity) - at).toBeGreaterThanOrEqual(11_000),
      );
    });
    assert(run, { numRuns: 200 });
  });
});
