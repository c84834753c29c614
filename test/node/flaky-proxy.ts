/** A way to a server on which connections break off, as they do on trains. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface FlakyProxy {
  /** Without a slash at the end. */
  readonly url: string;
  /** Breaks each open connection off with this probability; answers how many. */
  readonly cut: (probability: number) => number;
  readonly close: () => Promise<void>;
}

/** Passes bytes on to the server at `target` until a connection is cut. */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    const end = () => {
      open.delete(incoming);
      incoming.destroy();
      outgoing.destroy();
    };
    open.add(incoming);
    for (const socket of [incoming, outgoing]) socket.on("error", end).on("close", end);
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (probability) => {
      const unlucky = [...open].filter(() => Math.random() < probability);
      for (const socket of unlucky) socket.resetAndDestroy();
      return unlucky.length;
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
