import { describe, expect, it } from "vitest";
import { trustedUrls } from "../../src/compose/trusted-urls.ts";
import { readConfig } from "../../src/env.ts";

const isTrusted = (vars: Record<string, string>, url: string) => trustedUrls(readConfig(vars))(new URL(url));

describe("a result is accepted without TLS and from a private address", () => {
  it.each([
    ["http://10.0.0.5:9000", "http://10.0.0.5:9000/a.png", true],
    ["http://10.0.0.5:9000", "http://10.0.0.5:6379/a.png", false],
    ["http://10.0.0.5:9000", "http://10.0.0.5/a.png", false],
    ["http://10.0.0.5:9000", "https://10.0.0.5:9000/a.png", false],
    ["http://10.0.0.5", "https://10.0.0.5/a.png", false],
    ["http://10.0.0.5:9000", "http://10.0.0.6:9000/a.png", false],
    ["http://kie.internal", "http://kie.internal:80/a.png", true],
    ["http://127.0.0.1:8799", "http://127.0.0.1:8799/a.png", true],
    ["http://localhost:8799", "http://127.0.0.1:8799/a.png", true],
    ["http://127.0.0.1:8799", "http://127.0.0.1:9000/a.png", true],
    ["https://api.kie.ai", "http://api.kie.ai/a.png", false],
    ["http://127.0.0.1:8799", "http://10.0.0.5:8799/a.png", false],
    ["https://api.kie.ai", "http://127.0.0.1:8799/a.png", false],
  ])("with the provider %s: %s, %s", (provider, url, expected) => {
    expect(isTrusted({ KIE_API_BASE_URL: provider }, url)).toBe(expected);
  });

  it.each([
    ["http://127.0.0.1:8799/a.png", true],
    ["http://localhost:9/a.png", true],
    ["http://10.0.0.5/a.png", false],
    ["data:,a", false],
  ])("in development: %s, %s", (url, expected) => {
    expect(isTrusted({ DEV_MODE: "1" }, url)).toBe(expected);
  });
});
