import { DurableObject } from "cloudflare:workers";
import type { ArtworkActorRpc, Env } from "../bindings.ts";
import { createDeps } from "../compose/create-deps.ts";
import { runAlarm, wakeNow } from "./alarm.ts";
import { runArtwork } from "../domain/lifecycle/run-artwork.ts";
import { takeListener, wakeListeners } from "./listeners.ts";

const ARTWORK = "artworkId";

/**
 * One per artwork: a clock (its alarm) and a set of listeners, without memory. The platform runs one alarm of an object at a
 * time, so no two steps of one artwork overlap. Listeners cost nothing while nothing happens and do not keep it awake.
 */
export class ArtworkActor extends DurableObject<Env> implements ArtworkActorRpc {
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
          createDeps(this.env, [{ name: "watchers", onChange: async () => wakeListeners(this.ctx) }]),
          artworkId,
        ),
    );
  }
}
