/** A real Chromium, where there is one. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const BINARIES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const binary = BINARIES.find((path) => existsSync(path));

/** It talks to the pages of a test and to nobody else. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where it is missing a machine of CI fails, and a developer's is told loudly. Answers why to skip, or null. */
export function missingBrowser(): string | null {
  if (binary !== undefined) return null;
  const reason = "NOT TESTED: there is no Chromium (Debian: apt-get install chromium).";
  if (process.env["CI"] !== undefined) throw new Error(reason);
  console.warn(reason);
  return reason;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ args: QUIET, ...(binary === undefined ? {} : { executablePath: binary }) });
