/** Listeners of a Durable Object: hibernating WebSockets, which the platform holds while the object sleeps. */

/** Accepts a listener: the answer to a request for a WebSocket. */
export function takeListener(context: DurableObjectState): Response {
  const { 0: theirs, 1: ours } = new WebSocketPair();
  context.acceptWebSocket(ours);
  return new Response(null, { status: 101, webSocket: theirs });
}

/** Signals every listener that something may have changed. What changed is in D1. */
export function wakeListeners(context: DurableObjectState): void {
  for (const socket of context.getWebSockets()) {
    try {
      socket.send("changed");
    } catch {
      // It is closing: its listener has gone.
    }
  }
}
