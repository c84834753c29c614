/** A proxy that breaks connections on demand, like a mobile network. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface CuttingProxy {
  /** Without a slash at the end. */
  readonly url: string;
  /** Breaks each open connection with this probability, during its transfer; answers how many. */
  readonly cut: (probability?: number) => number;
  readonly close: () => Promise<void>;
}

/** Forwards bytes to the server at `target` and back until a connection is cut. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
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
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut: (probability = 1) => {
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
