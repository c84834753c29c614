import { EventSourceParserStream } from "eventsource-parser/stream";
import type { EventSourceMessage } from "eventsource-parser";

/** Events of a stream, read one after the other. */
export interface EventReader {
  /** The next event; null when the stream has ended. */
  readonly next: () => Promise<EventSourceMessage | null>;
  /** All events to the end of the stream. */
  readonly rest: () => Promise<EventSourceMessage[]>;
  readonly cancel: () => Promise<void>;
}

/** Reads an answer as Server-Sent Events. Throws when it is not one. */
export function readEvents(response: Response): EventReader {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream") || response.body === null) {
    throw new Error(`${response.status} ${type}`);
  }
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  const next = async () => (await reader.read()).value ?? null;
  return {
    next,
    rest: async () => {
      const events: EventSourceMessage[] = [];
      for (let event = await next(); event !== null; event = await next()) events.push(event);
      return events;
    },
    cancel: () => reader.cancel(),
  };
}

/** Summarizes events: id, name and the status of the generation. */
export function summariesOf(events: readonly EventSourceMessage[]): string[] {
  return events.map(({ id, event, data }) => {
    const { generation } = JSON.parse(data) as { generation?: { status: string } };
    return `${id ?? "-"} ${event} ${generation?.status ?? "-"}`;
  });
}
