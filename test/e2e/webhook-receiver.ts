/** A receiver of webhooks on 127.0.0.1 whose paths select its faults. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Receiver {
  /** Without a slash at the end. */
  readonly url: string;
  readonly receivedAt: (path: string) => readonly Received[];
  /** The number of answered or broken requests at this path. */
  readonly answeredAt: (path: string) => number;
  /** Throws unless both packages accept the signature with this secret. */
  readonly verify: (received: Pick<Received, "headers" | "body">, secret: string) => void;
  readonly close: () => Promise<void>;
}

type Behave = (nth: number, response: ServerResponse, origin: string) => void;

const BEHAVIOURS: readonly (readonly [prefix: string, behave: Behave])[] = [
  ["/fail-twice", (nth, response) => response.writeHead(nth <= 2 ? 500 : 200).end("later")],
  [
    "/redirect",
    (_nth, response, origin) => response.writeHead(302, { Location: `${origin}/elsewhere` }).end(),
  ],
  ["/hang", () => undefined],
  ["/gone", (_nth, response) => response.writeHead(410).end()],
  ["/killed", (nth, response) => response.writeHead(nth === 1 ? 503 : 200).end()],
];

const wellBehaved: Behave = (_nth, response) => response.writeHead(204).end();

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

export async function serveReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const closed: string[] = [];
  const receivedAt = (path: string) => received.filter((one) => one.path === path);
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "";
    response.on("close", () => closed.push(path));
    const body = await text(request);
    received.push({ path, headers: headersOf(request), body, at: Date.now() });
    const [, behave] = BEHAVIOURS.find(([prefix]) => path.startsWith(prefix)) ?? ["", wellBehaved];
    behave(receivedAt(path).length, response, url);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    receivedAt,
    answeredAt: (path) => closed.filter((one) => one === path).length,
    verify: ({ headers, body }, secret) => {
      new StandardWebhook(secret).verify(body, { ...headers });
      new SvixWebhook(secret).verify(body, { ...headers });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
