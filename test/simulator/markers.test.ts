import { describe, expect, it } from "vitest";
import { readScenario, scenarioAtTurn } from "../../src/simulator/markers.ts";
import { DEFAULT_NUMBERS, SCENARIOS } from "../../src/simulator/scenarios.ts";

describe("the markers of a prompt", () => {
  it("are read wherever they stand, with their numbers", () => {
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
    "are refused when they say %s",
    (prompt) => {
      expect(readScenario(prompt, "any").ok).toBe(false);
    },
  );

  it("can be meant for one model alone", () => {
    const prompt = "a fox [sim:fail-500@flux-kontext-pro] [sim:create-429=2@google/nano-banana] [sim:stuck]";

    expect(readScenario(prompt, "google/nano-banana")).toStrictEqual({
      ok: true,
      scenario: new Map([
        ["create-429", 2],
        ["stuck", 0],
      ]),
    });
  });

  it("with a number take turns, in the order asked for", () => {
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
  it("says in words what a number means wherever one can be given", () => {
    const silent = Object.keys(DEFAULT_NUMBERS).filter(
      (name) => !Object.entries(SCENARIOS).some(([known, words]) => known === name && words.includes("=<")),
    );

    expect(silent).toStrictEqual([]);
  });
});
