import { describe, expect, it } from "vitest";
import readme from "../README.md?raw";
import envSource from "../src/env.ts?raw";
import { SCENARIOS } from "./simulator/scenarios.ts";

describe("README", () => {
  it("lists every bad day that the simulator knows", () => {
    const missing = Object.keys(SCENARIOS).filter((name) => !readme.includes(`\`[sim:${name}]\``));
    expect(missing).toEqual([]);
  });

  it("explains every variable that the configuration reads", () => {
    const names = [...envSource.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThan(8);
    expect(
      names.filter(
        (name) => !readme.includes(`\`${name}\``) && !["DB", "MEDIA", "CACHE", "ARTWORKS"].includes(name),
      ),
    ).toEqual([]);
  });
});
