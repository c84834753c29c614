import { describe, expect, it } from "vitest";
import { getOwn } from "../../src/lib/get-own.ts";

describe("a word from outside", () => {
  it("means what the table says", () => {
    expect(getOwn({ fail: 1 }, "fail")).toBe(1);
  });

  it.each(["success", "constructor", "toString", "__proto__", ""])("means nothing: %j", (word) => {
    expect(getOwn({ fail: 1 }, word)).toBeUndefined();
  });
});
