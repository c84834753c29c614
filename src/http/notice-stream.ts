/** Notices as they happen, by Server-Sent Events or over a WebSocket: the same in both. */
import { describeError } from "../lib/log.ts";
import { SECOND } from "../lib/time.ts";
import type { AppContext } from "./context.ts";
import type { KeepAliveBody } from "./keep-alive-body.ts";
import { problem } from "./problem.ts";
import { eventStream, frame, retryAfter } from "./sse.ts";

export interface Notice {
  /** What the reader names when it comes back; null for one that nobody is told again. */
  readonly id: number | null;
  readonly type: string;
  readonly data: object;
}

/** Tells notices until they are over, or until the reader has gone. */
export type Follow = (gone: AbortSignal) => AsyncGenerator<Notice>;

/** A reader whose connection drops comes back soon, but not in a storm. */
const COME_BACK_AFTER = 1 * SECOND;

/**
 * The last event that the reader has: by the header that browsers send when they come back, or by the query, for who
 * cannot set it. Null for none.
 */
export function lastEventId(c: AppContext): number | null {
  const { lastEventId: named, "last-event-id": asHeader } = c.req.query();
  const given = c.req.header("Last-Event-ID") ?? named ?? asHeader ?? "";
  return /^\d{1,15}$/.test(given) ? Number(given) : null;
}

/** Answers with a stream of events, each with its notice's data as JSON, no faster than the reader takes them. */
export const streamEvents = (c: AppContext, follow: Follow): Response =>
  eventStream(c, async (body) => {
    try {
      await writeStream(body, follow);
    } catch (error) {
      c.var.deps.log.error("stream.broken_off", describeError(error));
      throw error;
    }
  });

async function writeStream({ send, writable, gone }: KeepAliveBody, follow: Follow): Promise<void> {
  send(retryAfter(COME_BACK_AFTER));
  for await (const { id, type, data } of follow(gone)) {
    await writable();
    send(frame({ event: type, ...(id === null ? {} : { id }), data: JSON.stringify(data) }));
  }
}

/** Answers with a WebSocket that gets each notice as one message, `{id, type, data}`; 426 to who does not ask for one. */
export function streamSocket(c: AppContext, follow: Follow): Response {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    const detail = "This path speaks WebSocket. For Server-Sent Events ask for …/events.";
    return problem(c, { code: "upgrade_required", detail, headers: { Upgrade: "websocket" } });
  }
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ours.accept();
  c.executionCtx.waitUntil(writeSocket(c, ours, follow));
  return new Response(null, { status: 101, webSocket: theirs });
}

/** RFC 6455: the normal end, and the server's trouble. */
const CLOSED = { normal: 1_000, trouble: 1_011 } as const;

async function writeSocket(c: AppContext, socket: WebSocket, follow: Follow): Promise<void> {
  const reader = new AbortController();
  socket.addEventListener("close", () => reader.abort());
  socket.addEventListener("error", () => reader.abort());
  try {
    for await (const notice of follow(reader.signal)) socket.send(JSON.stringify(notice));
    if (!reader.signal.aborted) socket.close(CLOSED.normal, "That is all.");
  } catch (error) {
    c.var.deps.log.error("socket.broken_off", describeError(error));
    if (!reader.signal.aborted) socket.close(CLOSED.trouble, "Come back with your last id.");
  }
}
