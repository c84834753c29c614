/** Writes Server-Sent Events (HTML standard, section 9.2). */
import { SECOND } from "../lib/time.ts";
import type { AppContext } from "./context.ts";
import { keepAliveBody } from "./keep-alive-body.ts";
import type { KeepAliveBody } from "./keep-alive-body.ts";

/** Proxies close a connection that is silent for half a minute and more. */
const PING = { text: ": ping\n\n", milliseconds: 15 * SECOND };

export interface Frame {
  readonly event?: string;
  /** The id from which a reader resumes. Without one, the previous id stays. */
  readonly id?: number;
  /** One line, such as JSON is. */
  readonly data: string;
}

/** The text of a frame. */
export const frame = ({ event, id, data }: Frame): string =>
  [
    ...(event === undefined ? [] : [`event: ${event}\n`]),
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    `data: ${data}\n\n`,
  ].join("");

/** Sets how long a reader waits before it reconnects, in milliseconds. */
export const retryAfter = (milliseconds: number): string => `retry: ${milliseconds}\n\n`;

/** A stream that `produce` writes and that ends when `produce` returns. Pings fill silences. */
export function eventStream(
  c: AppContext,
  produce: (body: KeepAliveBody) => Promise<void>,
  ping: typeof PING = PING,
): Response {
  return c.body(keepAliveBody(produce, ping), 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    // nginx and similar proxies buffer responses without this header.
    "X-Accel-Buffering": "no",
  });
}
