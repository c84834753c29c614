/** Composition root: bindings and configuration become what the domain needs. The only file that knows all parts. */
import { waitUntil } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { ConfigError, readConfig } from "../env.ts";
import type { Config } from "../env.ts";
import type { Env } from "../bindings.ts";
import { isPrivateOrigin, isLoopbackHostname } from "../lib/addresses.ts";
import type { Actors, Receivers } from "../domain/ports/wake.ts";
import type { Cache } from "../domain/ports/cache.ts";
import type { Deps } from "../domain/deps.ts";
import type { Feeds, Listener } from "../domain/ports/changes.ts";
import type { UploadHost, UploadStore } from "../domain/ports/upload-host.ts";
import type { StartSlots } from "../domain/ports/start-slots.ts";
import { freeSlots } from "../domain/start-slots/take-slot.ts";
import { invalidateViews } from "../domain/artworks/views.ts";
import type { Fetch } from "../lib/fetch.ts";
import { sha256Hex } from "../lib/crypto.ts";
import { createIdSource, randomText } from "../lib/ids.ts";
import { createLog, describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import { platformTimer, closedSignal, socketSignal } from "../lib/change-signal.ts";
import type { ChangeSignal } from "../lib/change-signal.ts";
import { SECOND } from "../lib/time.ts";
import { createMediaStore } from "../media/media-store.ts";
import { createWebhookSender } from "../media/fetch-untrusted.ts";
import { createUploadStore, readInput } from "../media/upload-store.ts";
import { createR2UploadHost } from "../media/r2-upload-host.ts";
import { flux1Schnell } from "../models/flux-1.ts";
import { fluxKontextPro } from "../models/flux-kontext.ts";
import { MODELS } from "../models/index.ts";
import { byProtocol } from "../providers/by-protocol.ts";
import { createImgbbHost } from "../providers/imgbb.ts";
import { createKieFileHost } from "../providers/kie/file-host.ts";
import { createKieProvider } from "../providers/kie/index.ts";
import { createWorkersAi } from "../providers/workers-ai/index.ts";
import type { WorkersAiAccount } from "../providers/workers-ai/account.ts";
import { publishToRedis } from "../redis/listener.ts";

const now = () => Date.now();
const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => void platformTimer(milliseconds, resolve));
const newId = createIdSource(now);
/** 26 × 5 = 130 random bits. */
const newToken = () => randomText(26);

/**
 * KV as the domain's cache. What it cannot give or take (one write a second and key is its limit) is as if it were
 * not there: D1 has the answer. Whoever puts something there does not wait for it:
 * `later` sees it through.
 */
export const kvCache = (
  kv: KVNamespace,
  log: Log,
  later: (writing: Promise<void>) => void = waitUntil,
): Cache => ({
  get: async <Value>(key: string) => {
    try {
      return await kv.get<Value>(key, "json");
    } catch (error) {
      log.warn("cache.get_failed", { key, ...describeError(error) });
      return null;
    }
  },
  put: async (key, value, ttlSeconds) => {
    const failed = (error: unknown) => log.warn("cache.put_failed", { key, ...describeError(error) });
    later(kv.put(key, JSON.stringify(value), { expirationTtl: ttlSeconds }).catch(failed));
  },
  remove: (key) => kv.delete(key),
});

/** How long nobody listens again to an object that could not be reached. */
const RELISTEN_AFTER = 2 * SECOND;

/** Opens a socket to a Durable Object that takes listeners. */
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

const durableActors = (namespace: Env["ARTWORKS"], log: Log): Actors => ({
  wake: (artworkId) => namespace.getByName(artworkId).wake(artworkId),
  listen: (artworkId) => listenTo(namespace.getByName(artworkId), log),
});

const durableFeeds = (namespace: Env["FEEDS"], log: Log): Feeds => ({
  notify: (owner) => namespace.getByName(owner).notify(),
  listen: (owner) => listenTo(namespace.getByName(owner), log),
});

/** Whoever announces a change does not wait for those who watch; one who is not told now is at the next change. */
const notifyFeeds = (feeds: Feeds, log: Log): Listener => ({
  name: "feeds",
  onChange: async ({ owner }) => {
    const failed = (error: unknown) => log.error("feed.not_rung", describeError(error));
    waitUntil(feeds.notify(owner).catch(failed));
  },
});

const durableSlots = (namespace: Env["START_SLOTS"]): StartSlots => {
  const of = (key: string) => namespace.getByName(key);
  return {
    ask: (key, request, mayWait) => of(key).ask(request, mayWait),
    release: (key, generationId) => of(key).release(generationId),
    requeueFirst: (key, request) => of(key).requeueFirst(request),
    disable: (key, code, generationId) => of(key).disable(key, code, generationId),
  };
};

/** Who ends a job may be a request, which does not wait for Durable Objects. A lost release heals by itself. */
const releaseLater = (slots: StartSlots, log: Log): Pick<StartSlots, "release"> => ({
  release: async (key, generationId) => {
    const failed = (error: unknown) => log.error("slots.release_lost", describeError(error));
    waitUntil(slots.release(key, generationId).catch(failed));
  },
});

/** Where the operator names none: the one that can be made with what is set. */
const defaultModel = ({ KIE_DEFAULT_MODEL: named, ...config }: Config): string =>
  named ??
  (config.KIE_API_KEY.length === 0 && config.CF_API_TOKEN !== null ? flux1Schnell : fluxKontextPro).id;

/** An object for each receiver. A URL may be longer than an object's name. */
const durableReceivers = (namespace: Env["WEBHOOKS"]): Receivers => ({
  wake: async (receiver) => namespace.getByName(await sha256Hex(receiver)).wake(receiver),
});

/** Has the dispatchers look, while the step goes on. What is to be sent is on record, and the sweep is the net. */
const wakeReceivers = (receivers: Receivers, log: Log): Listener => ({
  name: "webhooks",
  onChange: async ({ receivers: told = [] }) => {
    const failed = (error: unknown) => log.error("webhooks.kick_failed", describeError(error));
    for (const receiver of told) waitUntil(receivers.wake(receiver).catch(failed));
  },
});

/** What the domain is told of the configuration. */
export const settingsOf = (config: Config): Deps["settings"] => ({
  defaultModel: defaultModel(config),
  defaults: {
    aspectRatio: config.KIE_DEFAULT_ASPECT_RATIO,
    outputFormat: config.KIE_DEFAULT_OUTPUT_FORMAT,
    safetyTolerance: config.KIE_DEFAULT_SAFETY_TOLERANCE,
    fluxSteps: config.FLUX_NUM_STEPS,
  },
  allowAnyModel: config.KIE_ALLOW_ANY_MODEL,
  allowPrivateUrls: config.DEV_MODE,
  mediaBase: config.MEDIA_BASE_URL,
  webhookOrigin: config.WEBHOOK_BASE_URL,
  upstreamIsPrivate: isPrivateOrigin(config.KIE_API_BASE_URL),
  optimizesPrompts: config.PROMPT_OPTIMIZATION,
  retentionMs: retentionMs(config),
});

/** Milliseconds for which results are kept; null: for ever. */
const retentionMs = ({ IMAGE_EXPIRATION: seconds }: Config): number | null =>
  seconds === 0 ? null : seconds * SECOND;

/** When what is kept now expires at the earliest. */
export const expiryOf = (config: Config, clock: () => number) => (): number | null => {
  const milliseconds = retentionMs(config);
  return milliseconds === null ? null : clock() + milliseconds;
};

/**
 * Where results may be fetched from although it is private: this machine, in development and where the upstream runs on it,
 * such as the simulator; and the origin of a private upstream, which the operator has chosen. Another port of it is
 * another service.
 */
export const trustedUrls = (config: Config) => {
  const upstream = new URL(config.KIE_API_BASE_URL);
  const upstreamIsPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
  const trustsLoopback = config.DEV_MODE || isLoopbackHostname(upstream.hostname);
  return (url: URL): boolean =>
    (trustsLoopback && isLoopbackHostname(url.hostname)) ||
    (upstreamIsPrivate && url.origin === upstream.origin);
};

function checkDefaultModel({ KIE_DEFAULT_MODEL: id, KIE_ALLOW_ANY_MODEL: allowsAny }: Config): void {
  if (id === null || allowsAny || MODELS.some((model) => model.id === id)) return;
  throw new ConfigError("The configuration is wrong. KIE_DEFAULT_MODEL names no model of this service.");
}

function uploadHost(config: Config, bucket: R2Bucket, fetch: Fetch): UploadHost {
  const read = readInput(bucket);
  switch (config.UPLOAD_HOST) {
    case "r2": {
      const upstreamIsPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
      return createR2UploadHost({ bucket, mediaBase: config.MEDIA_BASE_URL, upstreamIsPrivate });
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
export const uploadStoreFor = (config: Config, bucket: R2Bucket, fetch: Fetch): UploadStore =>
  createUploadStore(bucket, uploadHost(config, bucket, fetch));

/** Every upstream, by what stands before the slash in the names of its protocols. */
function providers(config: Config, fetch: Fetch): Deps["provider"] {
  const signing = { key: config.KIE_WEBHOOK_HMAC_KEY, now };
  const kie = createKieProvider({ baseUrl: config.KIE_API_BASE_URL, fetch }, config.KIE_API_KEY, signing);
  return byProtocol({ kie, "workers-ai": createWorkersAi(workersAiAccount(config, fetch, now)) }, kie);
}

export const workersAiAccount = (config: Config, fetch: Fetch, clock: () => number): WorkersAiAccount => ({
  baseUrl: config.CF_API_BASE_URL,
  accountId: config.CF_ACCOUNT_ID,
  token: config.CF_API_TOKEN,
  fetch,
  now: clock,
});

/** The server that rewrites prompts; what talks to it is loaded with the first prompt. */
export function promptOptimizer(config: Config, fetch: Fetch): Deps["optimizer"] {
  const { EXTERNAL_API_BASE: baseUrl, EXTERNAL_MODEL: model, EXTERNAL_API_KEY: key } = config;
  if (baseUrl === null || model === null) {
    const problem = "No prompt optimisation server is set: set EXTERNAL_API_BASE and EXTERNAL_MODEL.";
    return { problem, optimize: async () => ({ ok: false, message: problem }) };
  }
  return {
    problem: null,
    optimize: async (prompt, milliseconds, log) => {
      const { optimize } = await import("../providers/prompt-optimizer.ts");
      return await optimize({ baseUrl, model, key, fetch }, { prompt, milliseconds }, log);
    },
  };
}

/** Word of every end for other servers, where there is a Redis to carry it. */
const redisListeners = (url: string | null, deps: () => Deps): Listener[] =>
  url === null ? [] : [publishToRedis({ url, deps, later: waitUntil })];

/** Everything that a request or a waking needs. `more` are listeners of the place that asks. */
export function createDeps(env: Env, more: readonly Listener[] = []): Deps {
  const config = readConfig(env);
  checkDefaultModel(config);
  const log = createLog();
  const cache = kvCache(env.CACHE, log);
  const startSlots = durableSlots(env.START_SLOTS);
  const feeds = durableFeeds(env.FEEDS, log);
  const expiresAt = expiryOf(config, now);
  const receivers = durableReceivers(env.WEBHOOKS);
  const outbound: Fetch = (url, init) => fetch(url, init);
  const deps: Deps = {
    db: drizzle(env.DB),
    now,
    pause,
    newId,
    newToken,
    log,
    models: MODELS,
    provider: providers(config, outbound),
    mediaStore: createMediaStore({
      bucket: env.MEDIA,
      fetch: outbound,
      isTrusted: trustedUrls(config),
      expiresAt,
    }),
    uploadStore: uploadStoreFor(config, env.MEDIA, outbound),
    optimizer: promptOptimizer(config, outbound),
    cache,
    actors: durableActors(env.ARTWORKS, log),
    feeds,
    startSlots,
    receivers,
    webhookSender: createWebhookSender({
      fetch: outbound,
      isTrusted: () => config.DEV_MODE,
      timer: platformTimer,
    }),
    listeners: [
      invalidateViews(cache),
      freeSlots(releaseLater(startSlots, log)),
      wakeReceivers(receivers, log),
      notifyFeeds(feeds, log),
      ...more,
      ...redisListeners(config.REDIS_URL, () => deps),
    ],
    settings: settingsOf(config),
  };
  return deps;
}
