import { describe, expect, it } from "vitest";
import { readScenario, scenarioAtTurn } from "../../src/simulator/markers.ts";
import { DEFAULT_NUMBERS, SCENARIOS } from "../../src/simulator/scenarios.ts";

describe("the markers of a prompt", () => {
  it("are read at any position, with their numbers", () => {
    const read = readScenario("[sim:slow=2.5] a fox [sim:link-404][sim:stuck] in the snow", "any");

    expect(read).toStrictEqual({
      ok: true,
      scenario: new Map([
        ["slow", 2.5],
        ["link-404", 1],
        ["stuck", 0],
      ]),
    });
  });

  it.each(["[sim:]", "[sim:Stuck]", "[sim:stuck=1]", "[sim:slow=]", "[sim:slow=-1]", "[sim:toString]"])(
    "are refused for %s",
    (prompt) => {
      expect(readScenario(prompt, "any").ok).toBe(false);
    },
  );

  it("can apply to one model only", () => {
    const prompt = "a fox [sim:fail-500@flux-kontext-pro] [sim:create-429=2@google/nano-banana] [sim:stuck]";

    expect(readScenario(prompt, "google/nano-banana")).toStrictEqual({
      ok: true,
      scenario: new Map([
        ["create-429", 2],
        ["stuck", 0],
      ]),
    });
  });

  it("with a number apply one after the other, in the given order", () => {
    const turns = [1, 2, 3, 4].map((turn) =>
      scenarioAtTurn(
        new Map([
          ["link-404", 2],
          ["link-500", 1],
        ]),
        ["link-404", "link-500"],
        turn,
      ),
    );

    expect(turns).toStrictEqual(["link-404", "link-404", "link-500", null]);
  });
});

describe("the table of scenarios", () => {
  it("explains the number of every scenario that accepts one", () => {
    const silent = Object.keys(DEFAULT_NUMBERS).filter(
      (name) => !Object.entries(SCENARIOS).some(([known, words]) => known === name && words.includes("=<")),
    );

    expect(silent).toStrictEqual([]);
  });
});
