import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { authenticate } from "./http/auth.ts";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { answerError, answerMethodNotAllowed, answerNotFound } from "./http/last-resort.ts";
import { onDemand } from "./http/on-demand.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { artworks } from "./routes/artworks.ts";
import { events } from "./routes/events.ts";
import { generationStatus } from "./routes/generation-status.ts";
import { health } from "./routes/health.ts";
import { kieCallback } from "./routes/kie-callback.ts";
import { media } from "./routes/media.ts";
import { uploads } from "./routes/uploads.ts";

/** The API on one screen. Above the line for everybody, below it for who is known. */
export function createApp(compose: Compose): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(prepareRequest(compose));
  app.use(cors(corsPolicy));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }));

  app.route("/", media);
  const client = onDemand(async () => (await import("./routes/client.ts")).clientFiles);
  app.all("/client.js", client);
  app.all("/client.d.ts", client);
  app.route("/api/health", health);
  app.route("/api/kie", kieCallback);
  app.all(
    "/api/redis/*",
    onDemand(async () => (await import("./routes/redis.ts")).redis),
  );
  // ──────────────────────────────────────────────────────────────────────────
  app.use("/api/*", authenticate);
  app.all(
    "/api/models/*",
    onDemand(async () => (await import("./routes/models.ts")).models),
  );
  app.route("/api/uploads", uploads);
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
