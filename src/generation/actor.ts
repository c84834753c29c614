import { DurableObject } from "cloudflare:workers";
import { createLog, describeError } from "../lib/log.ts";
import { drive } from "./drive.ts";
import { takeListener, wakeListeners } from "./listeners.ts";
import type { Deps } from "./ports.ts";

/** Pause after a waking that threw: our own storage is in trouble, and it will not be better at once. */
const PAUSE_AFTER_TROUBLE = 5_000;

/** What the Worker calls on an actor, by RPC. */
export interface ArtworkActorRpc extends Rpc.DurableObjectBranded {
  kick(artworkId: string): Promise<void>;
}

/**
 * One per artwork: a clock (its alarm) and a megaphone (who waits), no memory. The platform runs one alarm
 * of an object at a time, so no two steps of one artwork ever overlap. A kick only sets the alarm, which
 * survives a crash; a kick during a waking is a second waking right after it. Who waits costs nothing while
 * nothing happens, and does not keep it awake.
 */
export abstract class ArtworkActorBase<Env> extends DurableObject<Env> implements ArtworkActorRpc {
  /** Composes what the domain needs; `wake` is one listener more. */
  protected abstract compose(wake: () => void): Deps;

  async kick(artworkId: string): Promise<void> {
    await this.ctx.storage.put("artworkId", artworkId);
    await this.ctx.storage.setAlarm(Date.now());
    wakeListeners(this.ctx);
  }

  override fetch(): Response {
    return takeListener(this.ctx);
  }

  override async alarm(): Promise<void> {
    const artworkId = await this.ctx.storage.get<string>("artworkId");
    if (artworkId === undefined) return;
    const next = await this.#driveSafely(artworkId);
    // A kick during this waking has set an alarm of its own, which must not be put off.
    const kicked = await this.ctx.storage.getAlarm();
    if (next === null && kicked === null) return await this.ctx.storage.deleteAll();
    if (next !== null && (kicked === null || next < kicked)) await this.ctx.storage.setAlarm(next);
  }

  /** Whatever is thrown, also by a configuration that is wrong, the alarm is set again: the platform itself gives up after six failures. */
  async #driveSafely(artworkId: string): Promise<number | null> {
    try {
      return await drive(
        this.compose(() => wakeListeners(this.ctx)),
        artworkId,
      );
    } catch (error) {
      createLog().error("actor.step_failed", { artworkId, ...describeError(error) });
      return Date.now() + PAUSE_AFTER_TROUBLE;
    }
  }
}
