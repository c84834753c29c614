/** What the platform hands to the Worker and to each Durable Object. */
import type { CredentialFailure } from "./domain/failure.ts";
import type { SlotAnswer, SlotRequest } from "./domain/ports/start-slots.ts";
import type { Variables } from "./env.ts";

/** RPC methods of `ArtworkActor`. */
export interface ArtworkActorRpc extends Rpc.DurableObjectBranded {
  wake(artworkId: string): Promise<void>;
}

/** RPC methods of `OwnerFeed`. */
export interface OwnerFeedRpc extends Rpc.DurableObjectBranded {
  notify(): Promise<void>;
}

/** RPC methods of `StartSlots`. */
export interface StartSlotsRpc extends Rpc.DurableObjectBranded {
  ask(request: SlotRequest, mayWait: boolean): Promise<SlotAnswer>;
  release(generationId: string): Promise<void>;
  requeueFirst(request: SlotRequest): Promise<void>;
  disable(credentialId: string, code: CredentialFailure, generationId: string): Promise<void>;
}

/** RPC methods of `WebhookDispatcher`. */
export interface WebhookDispatcherRpc extends Rpc.DurableObjectBranded {
  wake(receiver: string): Promise<void>;
}

/** The bindings of `wrangler.toml`. */
export interface Bindings {
  readonly DB: D1Database;
  readonly MEDIA: R2Bucket;
  readonly CACHE: KVNamespace;
  /** The browser files that `src/dev/build-assets.ts` writes. */
  readonly ASSETS: Fetcher;
  readonly ARTWORKS: DurableObjectNamespace<ArtworkActorRpc>;
  readonly FEEDS: DurableObjectNamespace<OwnerFeedRpc>;
  readonly START_SLOTS: DurableObjectNamespace<StartSlotsRpc>;
  readonly WEBHOOKS: DurableObjectNamespace<WebhookDispatcherRpc>;
}

export type Env = Bindings & Variables;
