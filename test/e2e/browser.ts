/** A real Chromium, where one is installed. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const BINARIES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const binary = BINARIES.find((path) => existsSync(path));

/** Launches a browser that reaches the test's pages only. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Without a Chromium, CI fails and a developer gets a warning. Answers the reason to skip, or null. */
export function missingBrowser(): string | null {
  if (binary !== undefined) return null;
  const reason = "NOT TESTED: there is no Chromium (Debian: apt-get install chromium).";
  if (process.env["CI"] !== undefined) throw new Error(reason);
  console.warn(reason);
  return reason;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ args: QUIET, ...(binary === undefined ? {} : { executablePath: binary }) });
