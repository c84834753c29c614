import * as z from "zod/mini";
import { describeError } from "../../lib/log.ts";
import { whySilent, withDeadline } from "../../lib/deadline.ts";
import type { Fetch } from "../../lib/fetch.ts";
import type { Log } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";

/** Cloudflare in front of KIE answers 403 `error code: 1010` to a client without a real name. */
const USER_AGENT = "Darkroom/0.1 (+https://developers.cloudflare.com/workers/)";
/** Creates have been seen to take many seconds; a status read is quick or not worth waiting for. */
const TIMEOUTS = { POST: 60 * SECOND, GET: 15 * SECOND } as const;

export interface KieClient {
  /** Base URL without a slash at its end, e.g. `https://api.kie.ai`. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
}

export interface KieCall {
  readonly method: keyof typeof TIMEOUTS;
  readonly path: string;
  readonly key: string;
  /** Sent as JSON, or as it is where it is a form. */
  readonly body?: unknown;
}

/**
 * The answer of a call. `answered`: a readable envelope, whose `code` is the status whatever HTTP says (KIE
 * sends errors with HTTP 200). `unreadable`: something else, such as a 5xx page. `silent`: nothing.
 */
export type KieAnswer =
  | { readonly kind: "answered"; readonly code: number; readonly message: string; readonly data: unknown }
  /** `isFromEdge`: Cloudflare in front has answered; the call never reached KIE. */
  | { readonly kind: "unreadable"; readonly httpStatus: number; readonly isFromEdge: boolean }
  | { readonly kind: "silent"; readonly reason: string };

/** `{code, msg, data}`; `code` is sometimes a numeric string, `msg` is `message` on older pages. */
const Envelope = z.object({
  code: z.coerce.number().check(z.int()),
  msg: z.nullish(z.string()),
  message: z.nullish(z.string()),
  data: z.optional(z.unknown()),
});

/** Reads KIE's envelope in a body; null when it is none. */
export function readEnvelope(text: string): Extract<KieAnswer, { kind: "answered" }> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) return null;
  const { code, msg, message, data } = envelope.data;
  return { kind: "answered", code, message: msg ?? message ?? "", data };
}

/** One call, timed and logged. Never throws, never logs a key or a body. */
export async function callKie(client: KieClient, call: KieCall, log: Log): Promise<KieAnswer> {
  const startedAt = Date.now();
  const answer = await send(client, call, log);
  const { kind } = answer;
  const outcome =
    kind === "answered"
      ? { code: answer.code }
      : kind === "unreadable"
        ? { http: answer.httpStatus }
        : { reason: answer.reason };
  const path = call.path.replace(/\?.*$/, "");
  log.info("provider.call", {
    method: call.method,
    path,
    kind,
    ...outcome,
    milliseconds: Date.now() - startedAt,
  });
  return answer;
}

async function send(client: KieClient, call: KieCall, log: Log): Promise<KieAnswer> {
  try {
    return await withDeadline(TIMEOUTS[call.method], (signal) => exchange(client, call, signal));
  } catch (error) {
    log.warn("provider.silent", { path: call.path.replace(/\?.*$/, ""), ...describeError(error) });
    return { kind: "silent", reason: whySilent(error) };
  }
}

async function exchange(client: KieClient, call: KieCall, signal: AbortSignal): Promise<KieAnswer> {
  const isForm = call.body instanceof FormData;
  const response = await client.fetch(`${client.baseUrl}${call.path}`, {
    method: call.method,
    headers: {
      Authorization: `Bearer ${call.key}`,
      "User-Agent": USER_AGENT,
      Accept: "application/json",
      ...(call.body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
    },
    ...(call.body === undefined ? {} : { body: isForm ? call.body : JSON.stringify(call.body) }),
    redirect: "manual",
    signal,
  });
  const text = await response.text();
  // 10xx with 403 is the edge's own refusal. 11xx says that the program behind it ran and failed.
  const isFromEdge = response.status === 403 && /^error code: 10\d{2}\b/.test(text);
  return readEnvelope(text) ?? { kind: "unreadable", httpStatus: response.status, isFromEdge };
}
