/** `src/docs/configuration.md`: every variable and secret, by purpose. */
import { readConfig, VARIABLES } from "../../env.ts";
import type { Config } from "../../env.ts";
import { code, codes, list, page } from "./markdown.ts";
import { describedNames } from "./described.ts";
import { DESCRIBED } from "./variables.ts";

type Name = keyof Config;

function fallbackOf(name: Name, defaults: Config): string {
  const value = defaults[name];
  const isText = typeof value === "string" || typeof value === "number";
  return DESCRIBED[name].fallback ?? (isText ? code(String(value)) : "none");
}

function describe(name: Name, defaults: Config): string {
  const { kind, meaning, elsewhere = [] } = DESCRIBED[name];
  const others = elsewhere.length === 0 ? "" : ` In other projects: ${codes(elsewhere)}.`;
  return `${code(name)} (${kind}; default: ${fallbackOf(name, defaults)}). ${meaning}${others}`;
}

export function configurationPage(): string {
  const defaults = readConfig({});
  const names = describedNames("variable", DESCRIBED, VARIABLES);
  const groups = Map.groupBy(names, (name) => DESCRIBED[name].group);
  const sections = [...groups].map(
    ([group, members]) => `## ${group}\n\n${list(members.map((name) => describe(name, defaults)))}`,
  );
  return page("Configuration", [
    "Set a secret with `npx wrangler secret put NAME` and a variable under `[vars]` in `wrangler.toml`. On your\nmachine both go into `.dev.vars`. A flag is on with `1` or `true`.",
    "A value that does not fit is an error: requests get 503 `misconfigured` and name the\nvariable, never its value. Without `API_KEY` and `DEV_MODE` protected routes answer 503, so the service is never\nopen by omission.",
    ...sections,
  ]);
}
