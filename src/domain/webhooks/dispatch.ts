/**
 * The run of a receiver's dispatcher: sends every due delivery, then returns the time of the next run.
 *
 * Each try is claimed in D1, made, recorded. A process that dies between the claim and the record leaves a delivery that comes due
 * again with the same id and the same bytes: a receiver gets everything at least once and recognises a repetition by
 * its `webhook-id`.
 */
import { Webhook } from "standardwebhooks";
import { describeError } from "../../lib/log.ts";
import { SECOND } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";
import type { PostResult } from "../ports/webhook-sender.ts";
import { renderBody } from "./body.ts";
import {
  claim,
  dueDeliveries,
  goneStatement,
  nextTryAt,
  recordStatement,
  stopStatement,
} from "./deliveries.ts";
import type { DeliveryRow } from "../rows.ts";
import type { Outcome } from "./deliveries.ts";
import { nextTry } from "./schedule.ts";
import { secretsFor } from "./secrets.ts";

/** Each may take 15 s, an alarm 15 minutes; what is left over is due at the next waking. */
const DELIVERIES_PER_WAKING = 20;
/** A Durable Object may hold six connections. Deliveries about one artwork are sent in order. */
const LANES = 4;
/** Standard Webhooks recommends 15 to 30 s. */
const TRY_TIMEOUT = 15 * SECOND;
/** Pause after something of our own failed: it will not be better at once. */
const PAUSE_AFTER_ERROR = 5 * SECOND;
/** Characters of an answer that the log keeps. */
const RESPONSE_CHARACTERS = 1_000;
const LOCATION_CHARACTERS = 300;

/** Sends what is due for this receiver. Answers when to wake again in epoch milliseconds, or null for never. */
export async function dispatch(deps: Deps, receiver: string): Promise<number | null> {
  const due = await dueDeliveries(deps, receiver, DELIVERIES_PER_WAKING);
  const isWell = due[0] === undefined || (await sendAll(deps, due, await secretsFor(deps, due[0])));
  const next = await nextTryAt(deps, receiver);
  return next === null || isWell ? next : Math.max(next, deps.now() + PAUSE_AFTER_ERROR);
}

/** Sends deliveries, those about one artwork one after the other. False when one could not even be tried. */
async function sendAll(
  deps: Deps,
  due: readonly DeliveryRow[],
  secrets: readonly string[],
): Promise<boolean> {
  const queues = [...Map.groupBy(due, ({ id, artworkId }) => artworkId ?? id).values()];
  let isWell = true;
  const runLane = async () => {
    for (let queue = queues.shift(); queue !== undefined; queue = queues.shift()) {
      for (const delivery of queue) {
        // oxlint-disable-next-line no-await-in-loop -- the order is the point
        isWell = (await sendSafely(deps, delivery, secrets)) && isWell;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, runLane));
  return isWell;
}

async function sendSafely(deps: Deps, row: DeliveryRow, secrets: readonly string[]): Promise<boolean> {
  try {
    await send(deps, row, secrets);
    return true;
  } catch (error) {
    deps.log.error("webhook.not_tried", { deliveryId: row.id, ...describeError(error) });
    return false;
  }
}

async function send(deps: Deps, row: DeliveryRow, secrets: readonly string[]): Promise<void> {
  const body = row.body ?? (await renderBody(deps, row));
  if (body === null) return await giveUp(deps, row, "the artwork was deleted before its delivery");
  const delivery = await claim(deps, row, body);
  if (delivery === null) return;
  const at = deps.now();
  const headers = headersOf(delivery.id, at, delivery.body ?? body, secrets);
  const result = await deps.webhookSender.post(delivery.url, {
    headers,
    body: delivery.body ?? body,
    milliseconds: TRY_TIMEOUT,
  });
  await record(deps, delivery, at, result);
}

/** The headers of one try, as Standard Webhooks names them: every secret that is valid signs. */
function headersOf(id: string, at: number, body: string, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body));
  return {
    "Content-Type": "application/json",
    "User-Agent": "Darkroom-Webhooks/1.0",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / SECOND)),
    "webhook-signature": signatures.join(" "),
  };
}

async function record(deps: Deps, delivery: DeliveryRow, at: number, result: PostResult): Promise<void> {
  const outcome = outcomeOf(deps, delivery, result);
  const milliseconds = deps.now() - at;
  const statusCode = result.answered ? result.status : null;
  const response = result.answered ? result.text.slice(0, RESPONSE_CHARACTERS) : null;
  const attempt = { at, statusCode, milliseconds, error: errorOf(result), response };
  const recorded = recordStatement(deps, delivery, attempt, outcome);
  const { endpointId, url } = delivery;
  if (outcome.status === "disabled" && endpointId !== null) {
    const isOff = [goneStatement(deps, endpointId, url), stopStatement(deps, endpointId)] as const;
    await deps.db.batch([recorded, ...isOff]);
  } else {
    await recorded;
  }
  deps.log.info("webhook.try", {
    deliveryId: delivery.id,
    type: delivery.type,
    // Its path and query are the receiver's, and may be a secret.
    host: URL.parse(url)?.host,
    try: delivery.tries + 1,
    outcome: outcome.status,
    statusCode,
    milliseconds,
  });
}

async function giveUp(deps: Deps, delivery: DeliveryRow, error: string): Promise<void> {
  const attempt = { at: deps.now(), statusCode: null, milliseconds: 0, error, response: null };
  await recordStatement(deps, delivery, attempt, { status: "failed", nextTryAt: null });
}

function outcomeOf(deps: Deps, delivery: DeliveryRow, result: PostResult): Outcome {
  const isOver = (status: Outcome["status"]): Outcome => ({ status, nextTryAt: null });
  if (!result.answered && result.problem === "forbidden") return isOver("failed");
  if (result.answered && result.status >= 200 && result.status < 300) return isOver("delivered");
  if (result.answered && result.status === 410) return isOver("disabled");
  const retryAfter = result.answered ? result.retryAfter : null;
  const next = nextTry(delivery.tries + 1, { now: deps.now(), retryAfter, chance: Math.random() });
  return next === null ? isOver("failed") : { status: "pending", nextTryAt: next };
}

/** Why a try failed, as a sentence for the log; null when it did not. */
function errorOf(result: PostResult): string | null {
  if (!result.answered) return result.reason;
  const { status, location } = result;
  if (status >= 200 && status < 300) return null;
  if (status === 410) return "answered 410: it takes no more";
  if (status < 300 || status >= 400) return `answered ${status}`;
  const target = location === null ? "" : ` to ${location.slice(0, LOCATION_CHARACTERS)}`;
  return `answered ${status}, a redirect${target}: redirects are not followed`;
}
