/** Live notices, the same by Server-Sent Events and over a WebSocket. */
import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";
import type { AppContext } from "./context.ts";
import type { KeepAliveBody } from "./keep-alive-body.ts";
import { problem } from "./dialect.ts";
import { eventStream, frame, retryAfter } from "./sse.ts";

export interface Notice {
  /** The id from which a reader resumes; null for a notice that is not repeated. */
  readonly id: number | null;
  readonly type: string;
  readonly data: object;
}

/** Yields notices until the last one, or until the reader has disconnected. */
export type Follow = (gone: AbortSignal) => AsyncGenerator<Notice>;

/** Short, but long enough to avoid a storm of reconnecting readers. */
const RECONNECT_AFTER = 1 * SECOND;

/**
 * The last event of the reader, from the header that browsers send when they reconnect, or from the query, for readers
 * that cannot set headers. Null for none.
 */
export function lastEventId(c: AppContext): number | null {
  const { lastEventId: named, "last-event-id": asHeader } = c.req.query();
  const given = c.req.header("Last-Event-ID") ?? named ?? asHeader ?? "";
  return /^\d{1,15}$/.test(given) ? Number(given) : null;
}

/** Answers with a stream of events with JSON data, as fast as the reader accepts them. */
export const streamEvents = (c: AppContext, follow: Follow): Response =>
  eventStream(c, async (body) => {
    try {
      await writeStream(body, follow);
    } catch (error) {
      c.var.deps.log.error("stream.failed", describeError(error));
      throw error;
    }
  });

async function writeStream({ send, writable, gone }: KeepAliveBody, follow: Follow): Promise<void> {
  send(retryAfter(RECONNECT_AFTER));
  for await (const { id, type, data } of follow(gone)) {
    await writable();
    send(frame({ event: type, ...(id === null ? {} : { id }), data: JSON.stringify(data) }));
  }
}

/** Answers with a WebSocket that sends each notice as one message, `{id, type, data}`; 426 without an upgrade request. */
export function streamSocket(c: AppContext, follow: Follow): Response {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    const detail = "This path requires a WebSocket. For Server-Sent Events use …/events.";
    return problem(c, { code: "upgrade_required", detail, headers: { Upgrade: "websocket" } });
  }
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ours.accept();
  c.executionCtx.waitUntil(writeSocket(c, ours, follow));
  return new Response(null, { status: 101, webSocket: theirs });
}

/** Close codes of RFC 6455. */
const CLOSED = { normal: 1_000, internalError: 1_011 } as const;

async function writeSocket(c: AppContext, socket: WebSocket, follow: Follow): Promise<void> {
  const reader = new AbortController();
  socket.addEventListener("close", () => reader.abort());
  socket.addEventListener("error", () => reader.abort());
  try {
    for await (const notice of follow(reader.signal)) socket.send(JSON.stringify(notice));
    if (!reader.signal.aborted) socket.close(CLOSED.normal, "No more events.");
  } catch (error) {
    c.var.deps.log.error("socket.failed", describeError(error));
    if (!reader.signal.aborted) socket.close(CLOSED.internalError, "Reconnect with your last id.");
  }
}
