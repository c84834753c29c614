/** A proxy on the way to the Worker that cuts connections when a test says so, as bad networks do. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface CuttingProxy {
  /** Without a slash at the end. */
  readonly url: string;
  /** Cuts every connection that is open, in the middle of whatever it carries. Answers how many. */
  readonly cut: () => number;
  readonly close: () => Promise<void>;
}

/** Passes bytes to what listens at `target`, and back. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(Number(new URL(target).port), "localhost");
    for (const [from, to] of [
      [keep(near), far],
      [keep(far), near],
    ] as const) {
      from.pipe(to);
      from.on("close", () => to.destroy());
    }
  }).listen(0, "localhost");
  await once(server, "listening");
  const cut = () => {
    const count = sockets.size;
    for (const socket of sockets) socket.resetAndDestroy();
    return count;
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut,
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
