import { Hono } from "hono";
import { generationForCallback } from "../../domain/generations/queries.ts";
import { recordCallback } from "../../domain/generations/callbacks.ts";
import { wakeLater } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { problem } from "../../http/problem.ts";
import { parseJsonText, readText } from "../../http/validate.ts";
import { equalSecrets } from "../../lib/crypto.ts";
import { iso } from "../../lib/time.ts";

export const kieCallback = new Hono<AppEnv>();

kieCallback.get("/kie-callback", (c) =>
  c.json({ status: "ok", message: "KIE calls back here by POST.", timestamp: iso(c.var.deps.now()) }),
);

/**
 * The intake of every family: to the inbox, 200, and only then a look at what the upstream's own status says.
 * What a callback claims is never believed. The token is asked for first, and which of generation and token is
 * wrong is not told: who has no token learns nothing, not even whether callbacks have to be signed. Who has it
 * and no signature where one is due is told so: that is an operator with two different keys. A body that cannot be
 * read is a hint to look like any other.
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
  wakeLater(c, generation.artworkId);
  return c.json({ code: 200, msg: "success" });
});

function unsigned(c: AppContext): Response {
  c.var.deps.log.warn("callback.unsigned", { generationId: c.req.query("generation") });
  const detail = "The signature is missing, wrong or too old.";
  return problem(c, { code: "callback_signature_invalid", detail });
}

function unknown(c: AppContext): Response {
  c.var.deps.log.warn("callback.refused", { generationId: c.req.query("generation") });
  return problem(c, { code: "not_found", detail: "Nothing waits for this callback." });
}
