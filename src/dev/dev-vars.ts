import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { CLOUDFLARE_ACCOUNT } from "../simulator/options.ts";

/** Variables of `.dev.vars`, which wrangler reads as well; none where there is no such file. */
export function readDevVars(path = ".dev.vars"): Record<string, string | undefined> {
  return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
}

/** The variables of a developer's Worker that runs against the simulator. */
export const simulatedVars = (simulatorUrl: string): Record<string, string> => ({
  DEV_MODE: "1",
  KIE_API_KEY: "sim-key",
  KIE_API_BASE_URL: simulatorUrl,
  KIE_UPLOAD_BASE_URL: simulatorUrl,
  IMGBB_API_BASE_URL: simulatorUrl,
  CF_API_BASE_URL: `${simulatorUrl}/client/v4`,
  CF_ACCOUNT_ID: CLOUDFLARE_ACCOUNT.accountId,
  CF_API_TOKEN: CLOUDFLARE_ACCOUNT.token,
});
