/** The Durable Objects of this service as ports of the domain. */
import type { Env } from "../bindings.ts";
import type { Feeds } from "../domain/ports/changes.ts";
import type { StartSlots } from "../domain/ports/start-slots.ts";
import type { Actors, Receivers } from "../domain/ports/wake.ts";
import { closedSignal, platformTimer, socketSignal } from "../lib/change-signal.ts";
import type { ChangeSignal } from "../lib/change-signal.ts";
import { sha256Hex } from "../lib/crypto.ts";
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";

/** Pause before the next attempt to listen to an object that cannot be reached. */
const RELISTEN_AFTER = 2 * SECOND;

/** Opens a WebSocket to a Durable Object that takes listeners. */
async function listenTo(object: Pick<Fetcher, "fetch">, log: Log): Promise<ChangeSignal> {
  try {
    const { webSocket } = await object.fetch("https://listen/", { headers: { Upgrade: "websocket" } });
    if (webSocket === null) throw new Error("The object answered without a socket.");
    webSocket.accept();
    return socketSignal(webSocket);
  } catch (error) {
    log.warn("listen.failed", describeError(error));
    return closedSignal(platformTimer, RELISTEN_AFTER);
  }
}

/** One object per artwork. */
export const durableActors = (namespace: Env["ARTWORKS"], log: Log): Actors => ({
  wake: (artworkId) => namespace.getByName(artworkId).wake(artworkId),
  listen: (artworkId) => listenTo(namespace.getByName(artworkId), log),
});

/** One object per owner. */
export const durableFeeds = (namespace: Env["FEEDS"], log: Log): Feeds => ({
  notify: (owner) => namespace.getByName(owner).notify(),
  listen: (owner) => listenTo(namespace.getByName(owner), log),
});

/** One object per provider credential. */
export const durableSlots = (namespace: Env["START_SLOTS"]): StartSlots => {
  const of = (credentialId: string) => namespace.getByName(credentialId);
  return {
    ask: (credentialId, request, mayWait) => of(credentialId).ask(request, mayWait),
    release: (credentialId, generationId) => of(credentialId).release(generationId),
    requeueFirst: (credentialId, request) => of(credentialId).requeueFirst(request),
    disable: (credentialId, code, generationId) => of(credentialId).disable(credentialId, code, generationId),
  };
};

/** One object per webhook receiver, named by its hash: a URL may be longer than an object's name. */
export const durableReceivers = (namespace: Env["WEBHOOKS"]): Receivers => ({
  wake: async (receiver) => namespace.getByName(await sha256Hex(receiver)).wake(receiver),
});
