import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { authenticate } from "./http/auth.ts";
import { ARTWORK } from "./http/paths.ts";
import { admitByLink } from "./http/watch-links.ts";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { answerError, answerMethodNotAllowed, answerNotFound } from "./http/last-resort.ts";
import { onDemand } from "./http/on-demand.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { artworks } from "./routes/artworks.ts";
import { events } from "./routes/events.ts";
import { generationStatus } from "./routes/generation-status.ts";
import { kieCallback } from "./routes/kie-callback.ts";
import { media } from "./routes/media.ts";

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

  app.all(
    "/",
    onDemand(async () => (await import("./routes/welcome.ts")).welcome),
  );
  app.route("/", media);
  const client = onDemand(async () => (await import("./routes/client.ts")).clientFiles);
  app.all("/client.js", client);
  app.all("/client.d.ts", client);
  app.all(
    "/api/health",
    onDemand(async () => (await import("./routes/health.ts")).health),
  );
  app.route("/api/kie", kieCallback);
  app.all(
    "/api/redis/*",
    onDemand(async () => (await import("./routes/redis.ts")).redis),
  );
  // ──────────────────────────────────────────────────────────────────────────
  app.on("GET", STREAMS, admitByLink);
  app.use("/api/*", authenticate);
  app.use("/v1/*", authenticate);
  app.all(
    "/api/models/*",
    onDemand(async () => (await import("./routes/models.ts")).models),
  );
  app.all(
    "/api/events/*",
    onDemand(async () => (await import("./routes/feed.ts")).feed),
  );
  app.all(
    "/api/uploads/*",
    onDemand(async () => (await import("./routes/uploads.ts")).uploads),
  );
  app.all(
    "/api/webhooks/*",
    onDemand(async () => (await import("./routes/webhooks.ts")).webhooks),
  );
  app.all(
    "/v1/videos/*",
    onDemand(async () => (await import("./routes/openai/videos.ts")).videos),
  );
  app.all(
    "/v1/*",
    onDemand(async () => (await import("./routes/openai/index.ts")).openai),
  );
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
