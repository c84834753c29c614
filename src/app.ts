import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { callbacks } from "./api/callbacks/callbacks.ts";
import { artworks } from "./api/darkroom/artworks.ts";
import * as darkroom from "./api/darkroom/caller.ts";
import { darkroomDialect } from "./api/darkroom/errors.ts";
import { events } from "./api/darkroom/events.ts";
import { feed } from "./api/darkroom/feed.ts";
import { generationStatus } from "./api/darkroom/generation-status.ts";
import { models } from "./api/darkroom/models.ts";
import { uploads } from "./api/darkroom/uploads.ts";
import { webhooks } from "./api/darkroom/webhooks.ts";
import * as openai from "./api/openai/caller.ts";
import { openaiDialect } from "./api/openai/errors.ts";
import { openai as openaiRoutes } from "./api/openai/index.ts";
import { hintFor } from "./api/openai/path-hints.ts";
import { videos } from "./api/openai/videos.ts";
import { health } from "./api/public/health.ts";
import { media } from "./api/public/media.ts";
import { redis } from "./api/public/redis.ts";
import { welcome } from "./api/public/welcome.ts";
import type { AppContext, AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { speak } from "./http/dialect.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";

const answerNotFound = (c: AppContext): Response => c.var.dialect.notFound(c);
const answerMethodNotAllowed = (c: AppContext, methods: readonly string[]): Response =>
  c.var.dialect.methodNotAllowed(c, methods);

/** The API on one screen: public routes above the line, routes that need a caller below it. */
export function createApp(compose: Compose): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.onError((error, c) => c.var.dialect.error(error, c));
  app.notFound(answerNotFound);
  app.use(speak(darkroomDialect(hintFor)));
  app.use("/v1/*", speak(openaiDialect));
  app.use(prepareRequest(compose));
  app.use(cors(corsPolicy));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }));

  app.route("/", welcome);
  app.route("/", media);
  app.route("/api/health", health);
  app.route("/api", callbacks);
  app.route("/api/redis", redis);
  // A wrong method or path of these answers 405 or 404, not 401.
  app.on("ALL", ["/api/health", "/api/redis/*"], answerNotFound);
  // ──────────────────────────────────────────────────────────────────────────
  app.on("GET", darkroom.STREAMS, darkroom.findCallerByLink);
  app.use("/api/*", darkroom.findCaller);
  app.use("/v1/*", openai.findCaller);
  app.route("/api/models", models);
  app.route("/api/events", feed);
  app.route("/api/uploads", uploads);
  app.route("/api/webhooks", webhooks);
  app.route("/v1/videos", videos);
  app.route("/v1", openaiRoutes);
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
