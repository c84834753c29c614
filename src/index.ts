import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";
import type { Env } from "./env.ts";
import { ArtworkActorBase } from "./generation/actor.ts";
import { OwnerFeedBase } from "./generation/owner-feed.ts";
import { StartSlotsBase } from "./generation/start-slots.ts";
import { sweep } from "./generation/sweep.ts";
import { WebhookDispatcherBase } from "./generation/webhooks/dispatcher.ts";

export class ArtworkActor extends ArtworkActorBase<Env> {
  protected override compose(wake: () => void) {
    return createDeps(this.env, [{ name: "watchers", hear: async () => wake() }]);
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
