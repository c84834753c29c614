import { describe, expect, it } from "vitest";
import { isLoopback } from "../../src/simulator/loopback.ts";

describe("a loopback address", () => {
  it.each([
    "http://localhost:8787/x",
    "https://studio.localhost/",
    "http://127.0.0.1",
    "http://127.8.8.8:1/",
    "http://0x7f.1/",
    "http://[::1]:80/",
  ])("is recognized in %s", (url) => {
    expect(isLoopback(url)).toBe(true);
  });

  it.each([
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://10.0.0.1/",
    "http://169.254.169.254/",
    "http://0.0.0.0/",
    "http://[::ffff:7f00:1]/",
    "ftp://localhost/",
    "localhost:8787",
    "",
  ])("is not recognized in %s", (url) => {
    expect(isLoopback(url)).toBe(false);
  });
});
