import { describe, expect, it } from "vitest";
import { getOwn } from "../../src/lib/get-own.ts";

describe("getOwn", () => {
  it("returns the table's value", () => {
    expect(getOwn({ fail: 1 }, "fail")).toBe(1);
  });

  it.each(["success", "constructor", "toString", "__proto__", ""])("returns undefined for %j", (word) => {
    expect(getOwn({ fail: 1 }, word)).toBeUndefined();
  });
});
