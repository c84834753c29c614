import { describe, expect, it } from "vitest";
import readme from "../README.md?raw";
import envSource from "../src/env.ts?raw";
import { EVENT_TYPES } from "../src/domain/events/event-types.ts";
import { SCENARIOS } from "../src/simulator/scenarios.ts";

const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** First and last cell of each row of the table that begins with this heading. */
function tableOf(heading: string): [string, string][] {
  const [, after] = readme.split(new RegExp(`^\\| ${heading} +\\|.*\n.*\n`, "m"));
  const [rows = ""] = (after ?? "").split("\n\n");
  return rows.split("\n").map((line) => [cellsOf(line)[0] ?? "", cellsOf(line).at(-1) ?? ""]);
}

describe("README", () => {
  it("lists exactly the simulator's faults with their descriptions", () => {
    const known = Object.entries(SCENARIOS).map(([name, text]) => [`\`[sim:${name}]\``, text]);
    expect(Object.fromEntries(tableOf("marker"))).toStrictEqual(Object.fromEntries(known));
  });

  it("lists exactly the recorded event types with their descriptions", () => {
    const known = Object.entries(EVENT_TYPES).map(([type, text]) => [`\`${type}\``, text]);
    expect(Object.fromEntries(tableOf("event"))).toStrictEqual(Object.fromEntries(known));
  });

  it("explains exactly the variables of the configuration", () => {
    const read = [...envSource.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    const explained = tableOf("name").flatMap(([names]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(explained.toSorted()).toStrictEqual(read.toSorted());
  });
});
