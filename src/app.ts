import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { authenticate } from "./http/auth.ts";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { answerError, answerMethodNotAllowed, answerNotFound } from "./http/error-handlers.ts";
import { ARTWORK } from "./http/paths.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { admitByLink } from "./http/stream-links.ts";
import { artworks } from "./api/darkroom/artworks.ts";
import { events } from "./api/darkroom/events.ts";
import { feed } from "./api/darkroom/feed.ts";
import { generationStatus } from "./api/darkroom/generation-status.ts";
import { models } from "./api/darkroom/models.ts";
import { uploads } from "./api/darkroom/uploads.ts";
import { webhooks } from "./api/darkroom/webhooks.ts";
import { callbacks } from "./api/callbacks/callbacks.ts";
import { openai } from "./api/openai/index.ts";
import { videos } from "./api/openai/videos.ts";
import { health } from "./api/public/health.ts";
import { media } from "./api/public/media.ts";
import { redis } from "./api/public/redis.ts";
import { welcome } from "./api/public/welcome.ts";

/** Clients that cannot set headers read these. */
const STREAMS = [
  `/api/artworks${ARTWORK}/events`,
  `/api/artworks${ARTWORK}/ws`,
  "/api/events",
  "/api/events/ws",
];

/** The API on one screen. Above the line it is public, below the line it needs a caller. */
export function createApp(compose: Compose): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.onError(answerError);
  app.notFound(answerNotFound);
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
  app.on("GET", STREAMS, admitByLink);
  app.use("/api/*", authenticate);
  app.use("/v1/*", authenticate);
  app.route("/api/models", models);
  app.route("/api/events", feed);
  app.route("/api/uploads", uploads);
  app.route("/api/webhooks", webhooks);
  app.route("/v1/videos", videos);
  app.route("/v1", openai);
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
