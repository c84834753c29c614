import { DurableObject } from "cloudflare:workers";
import { runAlarm, wakeNow } from "./alarm.ts";
import type { Deps } from "../domain/deps.ts";

const RECEIVER = "receiver";

/** What the Worker calls on a dispatcher, by RPC. */
export interface WebhookDispatcherRpc extends Rpc.DurableObjectBranded {
  wake(receiver: string): Promise<void>;
}

/**
 * One per receiver, so that a slow one delays nobody else: a clock, no memory. What is to be sent, and when, stands in
 * D1.
 */
export abstract class WebhookDispatcherBase<Env> extends DurableObject<Env> implements WebhookDispatcherRpc {
  protected abstract compose(): Deps;

  async wake(receiver: string): Promise<void> {
    await wakeNow(this.ctx.storage, { key: RECEIVER, name: receiver });
  }

  override async alarm(): Promise<void> {
    await runAlarm(this.ctx.storage, RECEIVER, async (receiver) => {
      const { dispatch } = await import("../domain/webhooks/dispatch.ts");
      return await dispatch(this.compose(), receiver);
    });
  }
}
