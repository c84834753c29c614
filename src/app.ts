import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { speak } from "./http/dialect.ts";
import { onDemand } from "./http/on-demand.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { artworks } from "./api/darkroom/artworks.ts";
import * as darkroom from "./api/darkroom/caller.ts";
import { darkroomDialect } from "./api/darkroom/errors.ts";
import { events } from "./api/darkroom/events.ts";
import { generationStatus } from "./api/darkroom/generation-status.ts";
import { kieCallback } from "./api/callbacks/kie-callback.ts";
import * as openai from "./api/openai/caller.ts";
import { openaiDialect } from "./api/openai/errors.ts";
import { hintFor } from "./api/openai/path-hints.ts";
import { media } from "./api/public/media.ts";

/** The API on one screen: public routes above the line, routes that need a caller below it. */
export function createApp(compose: Compose): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.onError((error, c) => c.var.dialect.error(error, c));
  app.notFound((c) => c.var.dialect.notFound(c));
  app.use(speak(darkroomDialect(hintFor)));
  app.use("/v1/*", speak(openaiDialect));
  app.use(prepareRequest(compose));
  app.use(cors(corsPolicy));
  app.use(
    methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => c.var.dialect.methodNotAllowed(c, methods) }),
  );

  /** A part of the API that loads on its first request. */
  const part = (path: string, load: () => Promise<Hono<AppEnv>>) => app.all(path, onDemand(load));

  part("/", async () => (await import("./api/public/welcome.ts")).welcome);
  app.route("/", media);
  part("/client.js", async () => (await import("./api/public/client.ts")).clientFiles);
  part("/client.d.ts", async () => (await import("./api/public/client.ts")).clientFiles);
  part("/api/health", async () => (await import("./api/public/health.ts")).health);
  app.route("/api/kie", kieCallback);
  part("/api/redis/*", async () => (await import("./api/public/redis.ts")).redis);
  // ──────────────────────────────────────────────────────────────────────────
  app.on("GET", darkroom.STREAMS, darkroom.findCallerByLink);
  app.use("/api/*", darkroom.findCaller);
  app.use("/v1/*", openai.findCaller);
  part("/api/models/*", async () => (await import("./api/darkroom/models.ts")).models);
  part("/api/events/*", async () => (await import("./api/darkroom/feed.ts")).feed);
  part("/api/uploads/*", async () => (await import("./api/darkroom/uploads.ts")).uploads);
  part("/api/webhooks/*", async () => (await import("./api/darkroom/webhooks.ts")).webhooks);
  part("/v1/videos/*", async () => (await import("./api/openai/videos.ts")).videos);
  part("/v1/*", async () => (await import("./api/openai/index.ts")).openai);
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
