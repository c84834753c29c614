/** Server-Sent Events, written. The format is that of the HTML standard, section 9.2. */
import { SECOND } from "../lib/time.ts";
import type { AppContext } from "./context.ts";
import { keepAliveBody } from "./keep-alive-body.ts";
import type { KeepAliveBody } from "./keep-alive-body.ts";

/** Proxies give up on a connection that says nothing for half a minute and more. */
const PING = { text: ": ping\n\n", milliseconds: 15 * SECOND };

export interface Frame {
  readonly event?: string;
  /** What the reader names when it comes back. Without one, it names the id before. */
  readonly id?: number;
  /** One line, such as JSON is. */
  readonly data: string;
}

/** A frame as it goes out. */
export const frame = ({ event, id, data }: Frame): string =>
  [
    ...(event === undefined ? [] : [`event: ${event}\n`]),
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    `data: ${data}\n\n`,
  ].join("");

/** How long a reader waits before it comes back, in milliseconds. */
export const retryAfter = (milliseconds: number): string => `retry: ${milliseconds}\n\n`;

/** A stream that `produce` writes and that ends when it returns; pings fill its silences. */
export function eventStream(
  c: AppContext,
  produce: (body: KeepAliveBody) => Promise<void>,
  ping: typeof PING = PING,
): Response {
  return c.body(keepAliveBody(produce, ping), 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    // nginx and its kind collect an answer before they pass it on, unless they are told.
    "X-Accel-Buffering": "no",
  });
}
