import { DurableObject } from "cloudflare:workers";
import { createLog, describeError } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import type { Deps } from "../ports.ts";

/** Pause after a waking that threw: our own storage is in trouble, and it will not be better at once. */
const PAUSE_AFTER_TROUBLE = 5 * SECOND;

/** What the Worker calls on a dispatcher, by RPC. */
export interface WebhookDispatcherRpc extends Rpc.DurableObjectBranded {
  kick(receiver: string): Promise<void>;
}

/**
 * One per receiver, so that a slow one delays nobody else: a clock, no memory. What is to be sent, and when, stands in
 * D1. A kick only sets the alarm, which survives a crash.
 */
export abstract class WebhookDispatcherBase<Env> extends DurableObject<Env> implements WebhookDispatcherRpc {
  protected abstract compose(): Deps;

  async kick(receiver: string): Promise<void> {
    await this.ctx.storage.put("receiver", receiver);
    await this.ctx.storage.setAlarm(Date.now());
  }

  override async alarm(): Promise<void> {
    const receiver = await this.ctx.storage.get<string>("receiver");
    if (receiver === undefined) return;
    const next = await this.#dispatchSafely(receiver);
    // A kick during this waking has set an alarm of its own, which must not be put off.
    const kicked = await this.ctx.storage.getAlarm();
    if (next === null && kicked === null) return await this.ctx.storage.deleteAll();
    if (next !== null && (kicked === null || next < kicked)) await this.ctx.storage.setAlarm(next);
  }

  /** Whatever is thrown, also by a configuration that is wrong, the alarm is set again: the platform itself gives up after six failures. */
  async #dispatchSafely(receiver: string): Promise<number | null> {
    try {
      const { dispatch } = await import("./dispatch.ts");
      return await dispatch(this.compose(), receiver);
    } catch (error) {
      createLog().error("webhooks.dispatch_failed", describeError(error));
      return Date.now() + PAUSE_AFTER_TROUBLE;
    }
  }
}
