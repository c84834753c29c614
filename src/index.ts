import { createApp } from "./app.ts";
import type { Env } from "./bindings.ts";
import { createDeps } from "./compose/create-deps.ts";
import { sweep } from "./domain/sweep.ts";

export { ArtworkActor } from "./durable-objects/artwork-actor.ts";
export { OwnerFeed } from "./durable-objects/owner-feed.ts";
export { StartSlots } from "./durable-objects/start-slots.ts";
export { WebhookDispatcher } from "./durable-objects/webhook-dispatcher.ts";

const app = createApp(createDeps);

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await sweep(createDeps(env));
  },
} satisfies ExportedHandler<Env>;
