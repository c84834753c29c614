/** Composition root: bindings and configuration become what the domain needs. The only file that knows all parts. */
import { waitUntil } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { ConfigError, readConfig } from "./env.ts";
import type { Config, Env } from "./env.ts";
import { isPrivateOrigin } from "./generation/pace.ts";
import type { Actors, Cache, Deps, InputHost, Inputs, Listener, Slots } from "./generation/ports.ts";
import { freeSlots } from "./generation/slots.ts";
import { invalidateViews } from "./generation/views.ts";
import { isLoopbackHostname } from "./lib/addresses.ts";
import type { Fetch } from "./lib/fetch.ts";
import { createIdSource, randomText } from "./lib/ids.ts";
import { createLog, describeError } from "./lib/log.ts";
import type { Log } from "./lib/log.ts";
import { platformTimer, silentSignal, socketSignal } from "./lib/signal.ts";
import type { Signal } from "./lib/signal.ts";
import { SECOND } from "./lib/time.ts";
import { createCopier } from "./media/copy.ts";
import { createInputs, readInput } from "./media/inputs.ts";
import { createOwnHost } from "./media/own-host.ts";
import { MODELS } from "./models/index.ts";
import { createImgbbHost } from "./providers/imgbb.ts";
import { createKieFileHost } from "./providers/kie/file-host.ts";
import { createKieProvider } from "./providers/kie/index.ts";
import { tellRedis } from "./redis/listener.ts";

const now = () => Date.now();
const newId = createIdSource(now);
/** 26 × 5 = 130 random bits. */
const newToken = () => randomText(26);

/**
 * KV as the domain's cache. What it cannot give or take (one write a second and key is its limit) is as if it were
 * not there: D1 has the answer.
 */
export const kvCache = (kv: KVNamespace, log: Log): Cache => ({
  get: async <Value>(key: string) => {
    try {
      return await kv.get<Value>(key, "json");
    } catch (error) {
      log.warn("cache.get_failed", { key, ...describeError(error) });
      return null;
    }
  },
  put: async (key, value, ttlSeconds) => {
    try {
      await kv.put(key, JSON.stringify(value), { expirationTtl: ttlSeconds });
    } catch (error) {
      log.warn("cache.put_failed", { key, ...describeError(error) });
    }
  },
  remove: (key) => kv.delete(key),
});

/** How long nobody listens again to an object that could not be reached. */
const RELISTEN_AFTER = 2 * SECOND;

/** Opens a socket to a Durable Object that takes listeners. */
async function listenTo(object: Pick<Fetcher, "fetch">, log: Log): Promise<Signal> {
  try {
    const { webSocket } = await object.fetch("https://listen/", { headers: { Upgrade: "websocket" } });
    if (webSocket === null) throw new Error("The object answered without a socket.");
    webSocket.accept();
    return socketSignal(webSocket);
  } catch (error) {
    log.warn("listen.failed", describeError(error));
    return silentSignal(platformTimer, RELISTEN_AFTER);
  }
}

const durableActors = (namespace: Env["ARTWORKS"], log: Log): Actors => ({
  kick: (artworkId) => namespace.getByName(artworkId).kick(artworkId),
  listen: (artworkId) => listenTo(namespace.getByName(artworkId), log),
});

const durableSlots = (namespace: Env["START_SLOTS"]): Slots => {
  const of = (key: string) => namespace.getByName(key);
  return {
    ask: (key, request, mayWait) => of(key).ask(request, mayWait),
    release: (key, generationId) => of(key).release(generationId),
    handBack: (key, request) => of(key).handBack(request),
    setAside: (key, code, generationId) => of(key).setAside(key, code, generationId),
  };
};

/** Who ends a job may be a request, which does not wait for Durable Objects. A lost release heals by itself. */
const releaseLater = (slots: Slots, log: Log): Pick<Slots, "release"> => ({
  release: async (key, generationId) => {
    const failed = (error: unknown) => log.error("slots.release_lost", describeError(error));
    waitUntil(slots.release(key, generationId).catch(failed));
  },
});

const settings = (config: Config): Deps["settings"] => ({
  defaultModel: config.KIE_DEFAULT_MODEL,
  defaults: {
    aspectRatio: config.KIE_DEFAULT_ASPECT_RATIO,
    outputFormat: config.KIE_DEFAULT_OUTPUT_FORMAT,
    safetyTolerance: config.KIE_DEFAULT_SAFETY_TOLERANCE,
  },
  allowAnyModel: config.KIE_ALLOW_ANY_MODEL,
  allowPrivateUrls: config.DEV_MODE,
  mediaBase: config.MEDIA_BASE_URL,
  webhookOrigin: config.WEBHOOK_BASE_URL,
  upstreamIsPrivate: isPrivateOrigin(config.KIE_API_BASE_URL),
});

/**
 * Hosts of results that may be private: in development this machine, for the simulator; and the host of a
 * private upstream, which the operator has chosen.
 */
const trustedHosts = (config: Config) => {
  const upstream = new URL(config.KIE_API_BASE_URL).hostname;
  const upstreamIsPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
  const trustsLoopback = config.DEV_MODE || isLoopbackHostname(upstream);
  return (hostname: string) =>
    (trustsLoopback && isLoopbackHostname(hostname)) || (upstreamIsPrivate && hostname === upstream);
};

function checkDefaultModel({ KIE_DEFAULT_MODEL: id, KIE_ALLOW_ANY_MODEL: allowsAny }: Config): void {
  if (allowsAny || MODELS.some((model) => model.id === id)) return;
  throw new ConfigError("The configuration is wrong. KIE_DEFAULT_MODEL names no model of this service.");
}

function uploadHost(config: Config, bucket: R2Bucket, fetch: Fetch): InputHost {
  const read = readInput(bucket);
  switch (config.UPLOAD_HOST) {
    case "r2": {
      const upstreamIsPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
      return createOwnHost({ bucket, mediaBase: config.MEDIA_BASE_URL, upstreamIsPrivate });
    }
    case "kie": {
      const client = { baseUrl: config.KIE_UPLOAD_BASE_URL, fetch };
      return createKieFileHost({ client, keys: config.KIE_API_KEY, read });
    }
    case "imgbb":
      return createImgbbHost({ baseUrl: config.IMGBB_API_BASE_URL, fetch, key: config.IMGBB_API_KEY, read });
  }
}

/** Uploads as this configuration wants them. */
export const uploadsTo = (config: Config, bucket: R2Bucket, fetch: Fetch): Inputs =>
  createInputs(bucket, uploadHost(config, bucket, fetch));

/** Word of every end for other servers, where there is a Redis to carry it. */
const redisListeners = (url: string | null, deps: () => Deps): Listener[] =>
  url === null ? [] : [tellRedis({ url, deps, later: waitUntil })];

/** Everything that a request or a waking needs. `more` are listeners of the place that asks. */
export function createDeps(env: Env, more: readonly Listener[] = []): Deps {
  const config = readConfig(env);
  checkDefaultModel(config);
  const log = createLog();
  const cache = kvCache(env.CACHE, log);
  const slots = durableSlots(env.START_SLOTS);
  const outbound: Fetch = (url, init) => fetch(url, init);
  const deps: Deps = {
    db: drizzle(env.DB),
    now,
    newId,
    newToken,
    log,
    models: MODELS,
    provider: createKieProvider({ baseUrl: config.KIE_API_BASE_URL, fetch: outbound }, config.KIE_API_KEY, {
      key: config.KIE_WEBHOOK_HMAC_KEY,
      now,
    }),
    copier: createCopier({ bucket: env.MEDIA, fetch: outbound, isTrustedHost: trustedHosts(config) }),
    inputs: uploadsTo(config, env.MEDIA, outbound),
    cache,
    actors: durableActors(env.ARTWORKS, log),
    slots,
    listeners: [
      invalidateViews(cache),
      freeSlots(releaseLater(slots, log)),
      ...more,
      ...redisListeners(config.REDIS_URL, () => deps),
    ],
    settings: settings(config),
  };
  return deps;
}
