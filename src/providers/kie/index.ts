import * as z from "zod/mini";
import { failure, notConfigured } from "../../domain/failure.ts";
import type {
  Job,
  Provider,
  StartLimits,
  SubmitOutcome,
  Task,
  TaskReport,
} from "../../domain/ports/provider.ts";
import { fingerprintOf } from "../../lib/crypto.ts";
import type { Log } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import { callbackUrl } from "../callback-url.ts";
import { listPrice } from "../../models/price.ts";
import { readCallback } from "./callback.ts";
import type { CallbackSigning } from "./callback.ts";
import { classifyRefusal } from "./classify.ts";
import { callKie } from "./client.ts";
import type { KieAnswer, KieClient } from "./client.ts";
import { checkCredential } from "./credit.ts";
import { fluxKontext } from "./flux-kontext.ts";
import { gpt4oImage } from "./gpt4o-image.ts";
import { jobs } from "./jobs.ts";
import type { KieProtocol } from "./protocol.ts";
import { veo } from "./veo.ts";

/** KIE's wires by the name that a model gives as its `protocol`. */
const PROTOCOLS: Readonly<Record<string, KieProtocol>> = {
  "kie/flux-kontext": fluxKontext,
  "kie/gpt4o-image": gpt4oImage,
  "kie/jobs": jobs,
  "kie/veo": veo,
};

/** The answer to a create, and KIE's operation. */
const Created = z.object({ taskId: z.string().check(z.minLength(1), z.maxLength(200)) });

/** A key of the operator and its credential id. */
interface KieKey {
  readonly secret: string;
  readonly fingerprint: string;
}

const withFingerprints = (secrets: readonly string[]): Promise<KieKey[]> =>
  Promise.all(secrets.map(async (secret) => ({ secret, fingerprint: await fingerprintOf(secret) })));

/**
 * It takes 20 creates per 10 s and account and drops what is over. It counts them as they arrive, which may be a second
 * closer together than they were granted. About 100 jobs of an account run at the same time.
 */
const LIMITS: StartLimits = { starts: 20, window: 11 * SECOND, running: 100 };

/** KIE as a provider. A create is paid with the key it names; a status read uses the key that made the task. */
export function createKieProvider(
  client: KieClient,
  secrets: readonly string[],
  signing: CallbackSigning,
): Provider {
  return {
    problem: secrets.length > 0 ? null : "No provider key is set: KIE_API_KEY is missing.",
    isSynchronous: false,
    limits: LIMITS,
    explain: (code) => failure(code),
    price: listPrice,
    callbacks: {
      acknowledgement: { code: 200, msg: "success" },
      read: (callback) => readCallback(callback, signing),
    },
    credentialIds: async () => (await withFingerprints(secrets)).map(({ fingerprint }) => fingerprint),
    checkCredential: async (refused, log) => {
      const keys = await withFingerprints(secrets);
      const key = keys.find((candidate) => candidate.fingerprint === refused.key);
      return key === undefined ? "not_ours" : await checkCredential(client, key.secret, log);
    },
    submit: async (job, log) => {
      const keys = await withFingerprints(secrets);
      const key = keys.find(({ fingerprint }) => fingerprint === job.credentialId);
      return await submit(client, key, { job, log });
    },
    poll: async (task, log) => {
      const keys = await withFingerprints(secrets);
      return await poll(client, keyOf(keys, task), { task, log });
    },
    refresh: async (task, url, log) => {
      const keys = await withFingerprints(secrets);
      return await refresh(client, keyOf(keys, task), { task, url, log });
    },
  };
}

/** Older than the path of other providers; operators have set it in their consoles. */
const CALLBACK_PATH = "/api/kie/kie-callback";

const taskIdOf = ({ operation }: Task): string => String(operation["taskId"] ?? "");

/** The key that made a task; any other when that one is gone from the configuration. */
const keyOf = (keys: readonly KieKey[], task: Task): KieKey | undefined =>
  keys.find((candidate) => candidate.fingerprint === task.credentialId) ?? keys[0];

async function submit(
  client: KieClient,
  key: KieKey | undefined,
  { job, log }: { job: Job; log: Log },
): Promise<SubmitOutcome> {
  const protocol = PROTOCOLS[job.protocol];
  if (protocol === undefined || key === undefined) return { outcome: "refused", failure: notConfigured };
  const answer = await callKie(
    client,
    {
      method: "POST",
      path: protocol.createPath,
      key: key.secret,
      body: protocol.body(job.model, job.input, job.callback && callbackUrl(CALLBACK_PATH, job.callback)),
    },
    log,
  );
  const credentialId = key.fingerprint;
  if (answer.kind === "answered" && answer.code === 200) {
    const created = Created.safeParse(answer.data);
    if (created.success) return { outcome: "accepted", operation: created.data, credentialId };
    return { outcome: "unknown", reason: "accepted without a task id", credentialId };
  }
  const outcome = classifyRefusal(answer);
  return outcome.outcome === "unknown" ? { ...outcome, credentialId } : outcome;
}

const TOO_MANY = 429;

const isTooMany = (answer: KieAnswer): boolean =>
  (answer.kind === "answered" && answer.code === TOO_MANY) ||
  (answer.kind === "unreadable" && answer.httpStatus === TOO_MANY);

async function poll(
  client: KieClient,
  key: KieKey | undefined,
  { task, log }: { task: Task; log: Log },
): Promise<TaskReport> {
  const protocol = PROTOCOLS[task.protocol];
  if (protocol === undefined || key === undefined) return { state: "unseen", reason: "no key or protocol" };
  const path = `${protocol.recordPath}?taskId=${encodeURIComponent(taskIdOf(task))}`;
  const answer = await callKie(client, { method: "GET", path, key: key.secret }, log);
  if (answer.kind === "answered" && answer.code === 200) return protocol.read(answer.data);
  if (isTooMany(answer)) return { state: "busy" };
  // Any other answer is about the read, not about the task: `recordInfo is null` right after a create, a rate
  // limit, an outage. The task itself says in its record when it has failed.
  return { state: "unseen", reason: answer.kind === "answered" ? `code ${answer.code}` : answer.kind };
}

const Link = z.string().check(z.minLength(1));

/** Asks for a download link to a result, good for 20 minutes by KIE's documents. */
async function refresh(
  client: KieClient,
  key: KieKey | undefined,
  { task, url, log }: { task: Task; url: string; log: Log },
): Promise<string | null> {
  const download = PROTOCOLS[task.protocol]?.download;
  if (download === undefined || key === undefined) return null;
  const { path } = download;
  const body = download.body(taskIdOf(task), url);
  const answer = await callKie(client, { method: "POST", path, key: key.secret, body }, log);
  if (answer.kind !== "answered" || answer.code !== 200) return null;
  const link = Link.safeParse(answer.data);
  return link.success ? link.data : null;
}
