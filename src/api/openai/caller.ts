import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../../http/context.ts";
import { checkCredentials, credentialProblem } from "../../http/credentials.ts";
import { problem } from "../../http/dialect.ts";

/** Finds the caller by API key. */
export const findCaller: MiddlewareHandler<AppEnv> = async (c, next) => {
  const check = await checkCredentials(c);
  if (check.kind !== "accepted") return problem(c, credentialProblem(check));
  c.set("caller", check.caller);
  return await next();
};
