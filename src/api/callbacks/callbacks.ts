import { Hono } from "hono";
import { recordCallback } from "../../domain/generations/callbacks.ts";
import { generationForCallback } from "../../domain/generations/queries.ts";
import { scopeOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { problem } from "../../http/dialect.ts";
import { wakeLater } from "../../http/scope.ts";
import { readText } from "../../http/validate.ts";
import { equalSecrets } from "../../lib/crypto.ts";
import { iso } from "../../lib/time.ts";

/** Where providers call back: `/api/callbacks/<provider>`, and the older path of KIE. */
export const callbacks = new Hono<AppEnv>();

callbacks.get("/callbacks/:provider", (c) => answerProbe(c, c.req.param("provider")));
callbacks.post("/callbacks/:provider", (c) => receive(c, c.req.param("provider")));
callbacks.get("/kie/kie-callback", (c) => answerProbe(c, "kie"));
callbacks.post("/kie/kie-callback", (c) => receive(c, "kie"));

/** Lets a person see that the path can be reached. */
function answerProbe(c: AppContext, name: string): Response {
  const provider = c.var.deps.providers.named(name);
  if (provider === null || provider.callbacks === null) {
    return problem(c, { code: "not_found", detail: "No provider of this name calls back." });
  }
  const message = `Provider ${name} posts its callbacks here.`;
  return c.json({ status: "ok", message, timestamp: iso(c.var.deps.now()) });
}

/**
 * Records a callback, answers, and lets the generation poll. What a callback claims is never believed. The token is checked
 * first, and an unknown generation and a wrong token look alike: a stranger learns nothing, not even whether callbacks are
 * signed. A caller with the right token and a wrong signature is the operator with two different keys, so the answer says so.
 */
async function receive(c: AppContext, name: string): Promise<Response> {
  const { deps } = c.var;
  const generation = await generationForCallback(deps, c.req.query("generation") ?? "");
  const token = c.req.query("token") ?? "";
  if (generation === null || !(await equalSecrets(token, generation.callbackToken))) return unknown(c);
  const provider = deps.providers.named(name);
  // Each attempt has a token of its own, and its provider alone may use it.
  if (
    provider === null ||
    provider.callbacks === null ||
    deps.providers.of(generation.protocol) !== provider
  ) {
    return unknown(c);
  }
  const text = await readText(c);
  if (text instanceof Response) return text;
  const reading = await provider.callbacks.read({ text, headers: c.req.raw.headers });
  if (reading.kind === "unsigned") return unsigned(c);
  await recordCallback(deps, generation, { operation: reading.operation, body: text });
  const { artworkId, id: generationId } = generation;
  deps.log.info("callback", { ...reading.operation, artworkId, generationId, provider: name });
  wakeLater(scopeOf(c), artworkId);
  return c.json(provider.callbacks.acknowledgement);
}

function unsigned(c: AppContext): Response {
  c.var.deps.log.warn("callback.unsigned", { generationId: c.req.query("generation") });
  const detail = "The signature is missing, invalid or too old.";
  return problem(c, { code: "callback_signature_invalid", detail });
}

function unknown(c: AppContext): Response {
  c.var.deps.log.warn("callback.refused", { generationId: c.req.query("generation") });
  return problem(c, { code: "not_found", detail: "No generation expects this callback." });
}
