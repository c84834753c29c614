import { Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { authenticate } from "./http/auth.ts";
import type { AppEnv } from "./http/context.ts";
import { corsPolicy } from "./http/cors.ts";
import { answerError, answerMethodNotAllowed, answerNotFound } from "./http/last-resort.ts";
import { onDemand } from "./http/on-demand.ts";
import { ARTWORK } from "./http/paths.ts";
import { prepareRequest } from "./http/prepare.ts";
import type { Compose } from "./http/prepare.ts";
import { admitByLink } from "./http/watch-links.ts";
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

  /** A part of the API that is loaded when it is first asked for. */
  const part = (path: string, load: () => Promise<Hono<AppEnv>>) => app.all(path, onDemand(load));

  part("/", async () => (await import("./routes/welcome.ts")).welcome);
  app.route("/", media);
  part("/client.js", async () => (await import("./routes/client.ts")).clientFiles);
  part("/client.d.ts", async () => (await import("./routes/client.ts")).clientFiles);
  part("/api/health", async () => (await import("./routes/health.ts")).health);
  app.route("/api/kie", kieCallback);
  part("/api/redis/*", async () => (await import("./routes/redis.ts")).redis);
  // ──────────────────────────────────────────────────────────────────────────
  app.on("GET", STREAMS, admitByLink);
  app.use("/api/*", authenticate);
  app.use("/v1/*", authenticate);
  part("/api/models/*", async () => (await import("./routes/models.ts")).models);
  part("/api/events/*", async () => (await import("./routes/feed.ts")).feed);
  part("/api/uploads/*", async () => (await import("./routes/uploads.ts")).uploads);
  part("/api/webhooks/*", async () => (await import("./routes/webhooks.ts")).webhooks);
  part("/v1/videos/*", async () => (await import("./routes/openai/videos.ts")).videos);
  part("/v1/*", async () => (await import("./routes/openai/index.ts")).openai);
  app.route("/api/artworks", generationStatus);
  app.route("/api/artworks", events);
  app.route("/api/artworks", artworks);
  return app;
}
