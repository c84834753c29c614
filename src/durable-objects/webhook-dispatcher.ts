import { DurableObject } from "cloudflare:workers";
import type { WebhookDispatcherRpc, Env } from "../bindings.ts";
import { createDeps } from "../compose/create-deps.ts";
import { runAlarm, wakeNow } from "./alarm.ts";

const RECEIVER = "receiver";

/**
 * One per receiver, so that a slow one delays no other: a clock without memory. The deliveries and their times are in D1.
 */
export class WebhookDispatcher extends DurableObject<Env> implements WebhookDispatcherRpc {
  async wake(receiver: string): Promise<void> {
    await wakeNow(this.ctx.storage, { key: RECEIVER, name: receiver });
  }

  override async alarm(): Promise<void> {
    await runAlarm(this.ctx.storage, RECEIVER, async (receiver) => {
      const { dispatch } = await import("../domain/webhooks/dispatch.ts");
      return await dispatch(createDeps(this.env), receiver);
    });
  }
}
