import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/env.ts";
import { isLoopbackHostname, urlProblem } from "../../src/lib/addresses.ts";
import { createIdSource } from "../../src/lib/ids.ts";

describe("an untrusted URL", () => {
  it.each([
    "https://10.0.0.1/a",
    "https://192.168.1.1/a",
    "https://172.16.0.1/a",
    "https://127.0.0.1/a",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/a",
    "https://0.0.0.0/a",
    "https://2130706433/a",
    "https://0x7f.1/a",
    "https://0177.0.0.1/a",
    "https://127.1/a",
    "https://[::1]/a",
    "https://[::ffff:10.0.0.1]/a",
    "https://[fe80::1]/a",
    "https://[fc00::1]/a",
    "https://[::127.0.0.1]/a",
    "https://[::a00:1]/a",
    "https://[1::1]/a",
    "https://[4000::1]/a",
    "https://[::ffff:8.8.8.8]/a",
    "https://[64:ff9b::7f00:1]/a",
    "https://[64:ff9b:1::7f00:1]/a",
    "https://[2002:7f00:1::]/a",
    "https://[2001::7f00:1]/a",
    "https://[2001:db8::1]/a",
    "https://localhost/a",
    "https://LOCALHOST./a",
    "https://localhost../a",
    "https://127.0.0.1./a",
    "https://127.0.0.1../a",
    "https://a..example/a",
    "https://./a",
    "https://localhost.localdomain/a",
    "https://db.localdomain/a",
    "https://kubernetes.default.svc/a",
    "https://db.private/a",
    "https://a.localhost/a",
    "https://metadata.google.internal/a",
    "https://metadata.google.internal../a",
    "https://printer.local/a",
    "https://intranet/a",
    "https://10.0.0.1.nip.io/a",
    "https://user:password@a.example/a",
    "http://a.example/a",
    "ftp://a.example/a",
    "data:image/png;base64,AA",
    "/a",
    "",
  ])("is refused: %s", (url) => {
    expect(urlProblem(url, false)).toEqual(expect.any(String));
  });

  it.each([
    "https://a.example/a.png",
    "https://a.example./a",
    "https://localdomain.example/a",
    "https://8.8.8.8/a",
    "https://[2606:4700::1111]/a",
    "https://a.example:8443/a",
  ])("is accepted: %s", (url) => {
    expect(urlProblem(url, false)).toBeNull();
  });

  it("may be private and without TLS in development", () => {
    expect(urlProblem("http://localhost:3000/cat.png", true)).toBeNull();
    expect(urlProblem("file:///etc/passwd", true)).not.toBeNull();
  });

  it.each([
    ["127.8.9.1", true],
    ["[::1]", true],
    ["x.localhost", true],
    ["10.0.0.1", false],
    ["localhost.example", false],
  ])("with host %s is on this machine: %s", (host, expected) => {
    expect(isLoopbackHostname(host)).toBe(expected);
  });
});

describe("ids", () => {
  it("sort by creation time, also within a millisecond, and never repeat", () => {
    let now = 1_790_000_000_000;
    const newId = createIdSource(() => now);
    const made = Array.from({ length: 500 }, (_, index) => {
      now += index % 50 === 0 ? 1 : 0;
      return newId("art");
    });
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(500);
    expect(made[0]).toMatch(/^art_[0-9a-hjkmnp-tv-z]{38}$/);
  });

  it("stay in order when the clock steps back", () => {
    let now = 1_790_000_000_000;
    const newId = createIdSource(() => now);
    const before = newId("gen");
    now -= 60_000;
    expect(newId("gen") > before).toBe(true);
  });
});

describe("the configuration", () => {
  const config = (vars: Record<string, string>) => readConfig(vars);

  it.each([
    ["https://api.kie.ai", "https://api.kie.ai"],
    ["https://api.kie.ai/api/v1", "https://api.kie.ai"],
    ["https://api.kie.ai/api/v1/flux/kontext/", "https://api.kie.ai"],
    ["http://127.0.0.1:9/base/", "http://127.0.0.1:9/base"],
    ["", "https://api.kie.ai"],
  ])("reads %j as provider %s", (given, base) => {
    expect(config({ KIE_API_BASE_URL: given }).KIE_API_BASE_URL).toBe(base);
  });

  it("fills in defaults, lists and nulls", () => {
    expect(config({ KIE_API_KEY: " a , b,", API_KEY: "", DEV_MODE: "1" })).toMatchObject({
      KIE_API_KEY: ["a", "b"],
      API_KEY: null,
      DEV_MODE: true,
      KIE_DEFAULT_MODEL: null,
      KIE_DEFAULT_ASPECT_RATIO: "1:1",
      KIE_DEFAULT_OUTPUT_FORMAT: "jpeg",
      KIE_DEFAULT_SAFETY_TOLERANCE: 2,
      CF_API_BASE_URL: "https://api.cloudflare.com/client/v4",
      FLUX_NUM_STEPS: 4,
      PROMPT_OPTIMIZATION: false,
      EXTERNAL_API_BASE: null,
      IMAGE_EXPIRATION: 0,
      CORS_ORIGINS: [],
    });
  });

  it.each([
    ["FLUX_NUM_STEPS", "0"],
    ["FLUX_NUM_STEPS", "9"],
    ["FLUX_NUM_STEPS", "4.5"],
    ["IMAGE_EXPIRATION", "-1"],
    ["IMAGE_EXPIRATION", "soon"],
    ["EXTERNAL_API_BASE", "llm.example"],
    ["CF_API_BASE_URL", "ftp://cf.example"],
    ["PROMPT_OPTIMIZATION", "yes"],
  ])("refuses %s=%s", (name, value) => {
    expect(() => config({ [name]: value })).toThrow(name);
  });

  it("names every invalid variable and no value", () => {
    const vars = {
      KIE_DEFAULT_SAFETY_TOLERANCE: "nine-secret",
      WEBHOOK_BASE_URL: "secret",
      DEV_MODE: "maybe",
    };
    expect(() => config(vars)).toThrow(/KIE_DEFAULT_SAFETY_TOLERANCE.*DEV_MODE.*WEBHOOK_BASE_URL/);
    expect(() => config(vars)).not.toThrow(/secret/);
  });
});
