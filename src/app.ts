import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { authenticate } from "./http/auth.ts";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { answerError, answerMethodNotAllowed, answerNotFound } from "./http/error-handlers.ts";
import { onDemand } from "./http/on-demand.ts";
import { ARTWORK } from "./http/paths.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { admitByLink } from "./http/stream-links.ts";
import { artworks } from "./api/darkroom/artworks.ts";
import { events } from "./api/darkroom/events.ts";
import { generationStatus } from "./api/darkroom/generation-status.ts";
import { kieCallback } from "./api/callbacks/kie-callback.ts";
import { media } from "./api/public/media.ts";

/** What is read by those who cannot set headers. */
const STREAMS = [
  `/api/artworks${ARTWORK}/events`,
  `/api/artworks${ARTWORK}/ws`,
  "/api/events",
  "/api/events/ws",
];

/** The API on one screen. Above the line for everybody, below it for who is known. */
export function createApp(compose: Compose): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(prepareRequest(compose));
  app.use(cors(corsPolicy));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }));

  /** A part of the API that is loaded when it is first asked for. */
  const part = (path: string, load: () => Promise<Hono<AppEnv>>) => app.all(path, onDemand(load));

  part("/", async () => (await import("./api/public/welcome.ts")).welcome);
  app.route("/", media);
  part("/client.js", async () => (await import("./api/public/client.ts")).clientFiles);
  part("/client.d.ts", async () => (await import("./api/public/client.ts")).clientFiles);
  part("/api/health", async () => (await import("./api/public/health.ts")).health);
  app.route("/api/kie", kieCallback);
  part("/api/redis/*", async () => (await import("./api/public/redis.ts")).redis);
  // ──────────────────────────────────────────────────────────────────────────
  app.on("GET", STREAMS, admitByLink);
  app.use("/api/*", authenticate);
  app.use("/v1/*", authenticate);
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
