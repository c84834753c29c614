import { DurableObject } from "cloudflare:workers";
import type { OwnerFeedRpc, Env } from "../bindings.ts";
import { takeListener, wakeListeners } from "./listeners.ts";

/** One per owner: the listeners of everything that the owner has. It stores nothing. */
export class OwnerFeed extends DurableObject<Env> implements OwnerFeedRpc {
  async notify(): Promise<void> {
    wakeListeners(this.ctx);
  }

  override fetch(): Response {
    return takeListener(this.ctx);
  }
}
