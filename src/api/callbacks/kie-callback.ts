import { Hono } from "hono";
import { generationForCallback } from "../../domain/generations/queries.ts";
import { recordCallback } from "../../domain/generations/callbacks.ts";
import { scopeOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { problem } from "../../http/dialect.ts";
import { wakeLater } from "../../http/scope.ts";
import { parseJsonText, readText } from "../../http/validate.ts";
import { equalSecrets } from "../../lib/crypto.ts";
import { iso } from "../../lib/time.ts";

export const kieCallback = new Hono<AppEnv>();

kieCallback.get("/kie-callback", (c) =>
  c.json({ status: "ok", message: "KIE posts its callbacks here.", timestamp: iso(c.var.deps.now()) }),
);

/**
 * The intake for every model family: records the callback, answers 200, and then polls the provider, because the claims
 * of a callback are never trusted. A wrong generation and a wrong token get the same answer, before any other check, so a
 * stranger learns nothing, not even whether callbacks must be signed. A valid token with a missing or wrong signature
 * gets an error of its own: the operator has two different keys. An unreadable body causes a poll like any other.
 */
kieCallback.post("/kie-callback", async (c) => {
  const { deps } = c.var;
  const generation = await generationForCallback(deps, c.req.query("generation") ?? "");
  const token = c.req.query("token") ?? "";
  if (generation === null || !(await equalSecrets(token, generation.callbackToken))) return unknown(c);
  const body = await readText(c);
  if (body instanceof Response) return body;
  const taskId = deps.provider.callbackTaskId(parseJsonText(body));
  if (!(await deps.provider.isGenuineCallback(taskId, c.req.raw.headers))) return unsigned(c);
  await recordCallback(deps, generation, { taskId, body });
  deps.log.info("callback", { artworkId: generation.artworkId, generationId: generation.id, taskId });
  wakeLater(scopeOf(c), generation.artworkId);
  return c.json({ code: 200, msg: "success" });
});

function unsigned(c: AppContext): Response {
  c.var.deps.log.warn("callback.unsigned", { generationId: c.req.query("generation") });
  const detail = "The signature is missing, invalid or too old.";
  return problem(c, { code: "callback_signature_invalid", detail });
}

function unknown(c: AppContext): Response {
  c.var.deps.log.warn("callback.refused", { generationId: c.req.query("generation") });
  return problem(c, { code: "not_found", detail: "No generation expects this callback." });
}
