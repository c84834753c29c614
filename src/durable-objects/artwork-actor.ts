import { DurableObject } from "cloudflare:workers";
import { runAlarm, wakeNow } from "./alarm.ts";
import { runArtwork } from "../domain/lifecycle/run-artwork.ts";
import { takeListener, wakeListeners } from "./listeners.ts";
import type { Deps } from "../domain/deps.ts";

const ARTWORK = "artworkId";

/** What the Worker calls on an actor, by RPC. */
export interface ArtworkActorRpc extends Rpc.DurableObjectBranded {
  wake(artworkId: string): Promise<void>;
}

/**
 * One per artwork: a clock (its alarm) and a megaphone (who waits), no memory. The platform runs one alarm
 * of an object at a time, so no two steps of one artwork ever overlap. Who waits costs nothing while
 * nothing happens, and does not keep it awake.
 */
export abstract class ArtworkActorBase<Env> extends DurableObject<Env> implements ArtworkActorRpc {
  /** Composes what the domain needs; `wake` is one listener more. */
  protected abstract compose(wake: () => void): Deps;

  async wake(artworkId: string): Promise<void> {
    await wakeNow(this.ctx.storage, { key: ARTWORK, name: artworkId });
    wakeListeners(this.ctx);
  }

  override fetch(): Response {
    return takeListener(this.ctx);
  }

  override async alarm(): Promise<void> {
    await runAlarm(
      this.ctx.storage,
      ARTWORK,
      async (artworkId) =>
        await runArtwork(
          this.compose(() => wakeListeners(this.ctx)),
          artworkId,
        ),
    );
  }
}
