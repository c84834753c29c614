import { createApp } from "./app.ts";
import { createDeps } from "./compose/create-deps.ts";
import type { Env } from "./env.ts";
import { ArtworkActorBase } from "./durable-objects/artwork-actor.ts";
import { OwnerFeedBase } from "./durable-objects/owner-feed.ts";
import { StartSlotsBase } from "./durable-objects/start-slots.ts";
import { sweep } from "./domain/sweep.ts";
import { WebhookDispatcherBase } from "./durable-objects/webhook-dispatcher.ts";

export class ArtworkActor extends ArtworkActorBase<Env> {
  protected override compose(wake: () => void) {
    return createDeps(this.env, [{ name: "watchers", onChange: async () => wake() }]);
  }
}

export class OwnerFeed extends OwnerFeedBase<Env> {}

export class StartSlots extends StartSlotsBase<Env> {
  protected override compose() {
    return createDeps(this.env);
  }
}

export class WebhookDispatcher extends WebhookDispatcherBase<Env> {
  protected override compose() {
    return createDeps(this.env);
  }
}

const app = createApp(createDeps);

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await sweep(createDeps(env));
  },
} satisfies ExportedHandler<Env>;
