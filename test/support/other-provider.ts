/** A second provider with callbacks: another body, another signature and another operation than KIE's. */
import * as z from "zod/mini";
import type { CallbackTarget, Job, Operation, Provider, Providers } from "../../src/domain/ports/provider.ts";
import { failure } from "../../src/domain/failure.ts";
import { defineModel } from "../../src/models/define-model.ts";
import { listPrice } from "../../src/models/price.ts";
import { callbackUrl } from "../../src/providers/callback-url.ts";

export const PAINTER = defineModel({
  id: "other/painter",
  family: "other",
  kind: "image",
  protocol: "other/render",
  input: z.strictObject({ prompt: z.string() }),
  common: { prompt: { field: "prompt" } },
  credits: 3,
  example: { prompt: "a fox" },
});

interface OtherJob {
  readonly id: number;
  readonly url: string | null;
  readonly price: number | null;
  isDone: boolean;
}

export interface OtherProvider {
  readonly provider: Provider;
  /** Every create call, in order. */
  readonly jobs: readonly OtherJob[];
  /** The next create calls have no answer. */
  readonly loseAnswers: (isLost: boolean) => void;
  readonly finish: (job: OtherJob) => void;
}

const SECRET = "other-secret";
const CREDENTIAL = "other-credential";

const operationOf = ({ id }: OtherJob): Operation => ({
  region: "eu",
  jobId: id,
  // A name that events have, too.
  status: "accepted",
});

const Body = z.object({ job: z.object({ id: z.number() }) });

/** The callback of a job as the provider sends it. */
export async function callbackOf(
  job: OtherJob,
  secret = SECRET,
): Promise<{ body: string; signature: string }> {
  const body = JSON.stringify({ event: "job.done", job: { id: job.id } });
  return { body, signature: await signatureOf(body, secret) };
}

async function signatureOf(text: string, secret: string): Promise<string> {
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    utf8.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text))).toHex();
}

/** Where a job's result is. */
export const resultUrl = ({ id }: Pick<OtherJob, "id">): string => `https://results.other.example/${id}.png`;

/** Unique within a file, whose tests share their storage. */
let lastId = 0;

export function createOtherProvider(): OtherProvider {
  const jobs: OtherJob[] = [];
  let isLost = false;
  const urlOf = (target: CallbackTarget | null) =>
    target === null ? null : callbackUrl("/api/callbacks/other", target);
  const create = (job: Job): OtherJob => {
    const made = {
      id: (lastId += 1),
      url: urlOf(job.callback),
      price: listPrice(PAINTER, job.input),
      isDone: false,
    };
    jobs.push(made);
    return made;
  };
  const provider: Provider = {
    problem: null,
    isSynchronous: false,
    limits: { starts: 10, window: 1_000, running: 10 },
    callbacks: {
      acknowledgement: { received: true },
      read: async ({ text, headers }) => {
        if (headers.get("X-Other-Signature") !== (await signatureOf(text, SECRET)))
          return { kind: "unsigned" };
        const parsed = Body.safeParse(JSON.parse(text));
        // The same entries as in the answer to a create, in another order.
        return {
          kind: "genuine",
          operation: parsed.success ? { status: "accepted", jobId: parsed.data.job.id, region: "eu" } : null,
        };
      },
    },
    credentialIds: async () => [CREDENTIAL],
    explain: (code) => failure(code),
    checkCredential: async ({ key }) => (key === CREDENTIAL ? "usable" : "not_ours"),
    price: listPrice,
    submit: async (job) => {
      const made = create(job);
      if (isLost) return { outcome: "unknown", reason: "no answer", credentialId: CREDENTIAL };
      return { outcome: "accepted", operation: operationOf(made), credentialId: CREDENTIAL };
    },
    poll: async ({ operation }) => {
      const job = jobs.find(({ id }) => id === operation["jobId"] && operation["region"] === "eu");
      if (job === undefined) return { state: "unseen", reason: "no such job" };
      return job.isDone
        ? { state: "succeeded", urls: [resultUrl(job)], credits: 3 }
        : { state: "running", progress: null, unknownWord: null };
    },
  };
  return {
    provider,
    jobs,
    loseAnswers: (next) => void (isLost = next),
    finish: (job) => void (job.isDone = true),
  };
}

/** All providers of `base` and one more, by its name. */
export const withProvider = (base: Providers, name: string, provider: Provider): Providers => {
  const isIts = (protocol: string) => protocol.startsWith(`${name}/`);
  return {
    ...base,
    of: (protocol) => (isIts(protocol) ? provider : base.of(protocol)),
    named: (other) => (other === name ? provider : base.named(other)),
    submit: (job, log) => (isIts(job.protocol) ? provider : base).submit(job, log),
    poll: (task, log) => (isIts(task.protocol) ? provider : base).poll(task, log),
    refresh: async (task, url, log) => (isIts(task.protocol) ? null : await base.refresh(task, url, log)),
  };
};
