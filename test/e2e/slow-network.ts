/** A proxy with slow answers; requests arrive at once and complete even when their client has left. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

interface SlowNetwork {
  /** Without a slash at the end. */
  readonly url: string;
  /** The number of received requests. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

async function bytesOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

const headersOf = ({ rawHeaders }: IncomingMessage): [string, string][] =>
  rawHeaders.flatMap((name, index): [string, string][] => {
    const isHopByHop = /^(host|connection|content-length|transfer-encoding|expect)$/i.test(name);
    return index % 2 === 1 || isHopByHop ? [] : [[name, rawHeaders[index + 1] ?? ""]];
  });

/** Forwards to `origin`; every answer arrives `delayMs` late. */
export async function openSlowNetwork(origin: string, delayMs: number): Promise<SlowNetwork> {
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    const pass = async () => {
      const body = await bytesOf(incoming);
      const response = await fetch(`${origin}${incoming.url}`, {
        method: incoming.method ?? "GET",
        headers: headersOf(incoming),
        ...(body.length === 0 ? {} : { body }),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      await sleep(delayMs);
      outgoing.writeHead(response.status, { "Content-Type": response.headers.get("Content-Type") ?? "" });
      outgoing.end(answer);
    };
    pass().catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
