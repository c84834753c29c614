import { DurableObject } from "cloudflare:workers";
import { takeListener, wakeListeners } from "./listeners.ts";

/** What the Worker and the actors call on it, by RPC. */
export interface OwnerFeedRpc extends Rpc.DurableObjectBranded {
  notify(): Promise<void>;
}

/** One per owner: where those wait who watch everything that the owner has. It remembers nothing. */
export abstract class OwnerFeedBase<Env> extends DurableObject<Env> implements OwnerFeedRpc {
  async notify(): Promise<void> {
    wakeListeners(this.ctx);
  }

  override fetch(): Response {
    return takeListener(this.ctx);
  }
}
