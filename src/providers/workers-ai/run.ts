import * as z from "zod/mini";
import type { Job, CredentialHealth, SubmitOutcome } from "../../domain/ports/provider.ts";
import { whySilent, withDeadline } from "../../lib/deadline.ts";
import { describeError } from "../../lib/log.ts";
import type { Log } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import type { WireInput } from "../../models/model.ts";
import { classifyRefusal } from "./classify.ts";
import { readEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import type { WorkersAiAccount } from "./account.ts";

/** Both calls of a job together; well within the lease of a submit. An image usually takes a few seconds. */
const RUN_TIMEOUT = 60 * SECOND;
const CHECK_TIMEOUT = 15 * SECOND;
/** The one size for which nothing is asked: the published schema knows no other. */
const PLAIN_SIZE = "1024x1024";

/** The answer of a call. `silent`: nothing, or not all of it. */
export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly envelope: Envelope }
  | { readonly kind: "silent"; readonly reason: string };

const ImageFile = z.object({ image: z.string() });

/**
 * Makes an image. A refused size is not requested again: a refusal is not billed, and the image then has the
 * size of the model. Never throws, never logs the token or a body.
 */
export const run = (account: WorkersAiAccount, job: Job, log: Log): Promise<SubmitOutcome> =>
  withDeadline(RUN_TIMEOUT, (signal) => make({ account, job, signal }, log));

interface Making {
  readonly account: WorkersAiAccount;
  readonly job: Job;
  readonly signal: AbortSignal;
}

async function make({ account, job, signal }: Making, log: Log): Promise<SubmitOutcome> {
  const { size, plain } = bodiesOf(job.input);
  const post = (body: WireInput) => call(account, { path: `/run/${job.model}`, body, signal }, log);
  const first = await post(size === null ? plain : { ...plain, ...size });
  const answer = size !== null && refusesSize(first) ? await post(plain) : first;
  return outcomeOf(answer, job.credentialId);
}

/** The body without a size, and the size where one has to be asked for. */
function bodiesOf({ size, ...plain }: WireInput): { plain: WireInput; size: WireInput | null } {
  if (typeof size !== "string" || size === PLAIN_SIZE) return { plain, size: null };
  const [width, height] = size.split("x").map(Number);
  return { plain, size: { width, height } };
}

/** "Additional or unevaluated properties '/width' at '/' not allowed": the schema, and nothing else of the job. */
const refusesSize = (answer: Answer): boolean =>
  answer.kind === "answered" &&
  answer.status === 400 &&
  answer.envelope.errors.some(({ message }) =>
    /\badditional\b.*\bpropert.*\b(width|height)\b/i.test(message),
  );

function outcomeOf(answer: Answer, credentialId: string): SubmitOutcome {
  if (answer.kind === "silent") return { outcome: "unknown", reason: answer.reason, credentialId };
  const { status, envelope } = answer;
  if (status === 200 && envelope.success) {
    return { outcome: "delivered", bytes: bytesOf(envelope.result) };
  }
  return classifyRefusal(status, envelope) ?? { outcome: "unknown", reason: `HTTP ${status}`, credentialId };
}

function bytesOf(result: unknown): Uint8Array<ArrayBuffer> | null {
  const parsed = ImageFile.safeParse(result);
  if (!parsed.success) return null;
  try {
    return Uint8Array.fromBase64(parsed.data.image);
  } catch {
    return null;
  }
}

/** Whether the token may use Workers AI: the list of models needs the same permission, and costs nothing. */
export async function checkToken(account: WorkersAiAccount, log: Log): Promise<CredentialHealth> {
  const path = "/models/search?per_page=1";
  const answer = await withDeadline(CHECK_TIMEOUT, (signal) =>
    call(account, { path, body: null, signal }, log),
  );
  return answer.kind === "answered" && answer.status === 200 ? "usable" : "unusable";
}

interface Call {
  /** Below the account's `/ai`. */
  readonly path: string;
  /** Null: a read. */
  readonly body: WireInput | null;
  readonly signal: AbortSignal;
}

async function call(account: WorkersAiAccount, { path, body, signal }: Call, log: Log): Promise<Answer> {
  const startedAt = Date.now();
  const method = body === null ? "GET" : "POST";
  const line = { provider: "workers-ai", method, path: path.replace(/\?.*$/, "") };
  try {
    const url = `${account.baseUrl}/accounts/${encodeURIComponent(account.accountId ?? "")}/ai${path}`;
    const response = await account.fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${account.token}`,
        Accept: "application/json",
        ...(body === null ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal,
    });
    const envelope = readEnvelope(await response.text());
    const { status } = response;
    const codes = envelope.errors.map(({ code }) => code);
    log.info("provider.call", { ...line, http: status, codes, milliseconds: Date.now() - startedAt });
    return { kind: "answered", status, envelope };
  } catch (error) {
    log.warn("provider.silent", { ...line, ...describeError(error) });
    return { kind: "silent", reason: whySilent(error) };
  }
}
