import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Fault, HANG_MS } from "./faults.ts";
import { DOCUMENTED_LIMITS, createSimulator } from "./simulator.ts";
import type { Simulator, SimulatorOptions } from "./simulator.ts";

interface ServeOptions extends Partial<
  Pick<
    SimulatorOptions,
    "webhookHmacKey" | "taskMs" | "createLimit" | "runningLimit" | "readLimit" | "balance"
  >
> {
  /** 0: any free one. */
  readonly port: number;
  readonly apiKeys: readonly string[];
  /** Fetch input images from this machine at create, and refuse a job whose image cannot be fetched. */
  readonly fetchInputs?: boolean;
}

interface ServedSimulator {
  /** Without a slash at the end. */
  readonly url: string;
  readonly simulator: Simulator;
  readonly close: () => Promise<void>;
}

/** Node's timers may fire a moment before Date.now() has reached their time; the task must have ended when its callback comes. */
const TIMER_SLACK_MS = 2;

/** Serves the simulator on 127.0.0.1 with real sockets, real timers and real faults. */
export async function serveSimulator({
  port,
  apiKeys,
  fetchInputs = false,
  ...options
}: ServeOptions): Promise<ServedSimulator> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const timers = createTimers();
  const simulator = createSimulator({
    webhookHmacKey: null,
    taskMs: 3000,
    ...DOCUMENTED_LIMITS,
    ...options,
    origin: url,
    apiKeys,
    now: Date.now,
    schedule: timers.schedule,
    deliver: (request) => fetch(request),
    ...(fetchInputs ? { fetchInput: (request: Request) => fetch(request) } : {}),
  });
  const listener = getRequestListener(
    async (request, { outgoing }) => {
      const outcome = await simulator.respond(request);
      // node-server's types allow HTTP/2; this server speaks HTTP/1.1 only.
      return outcome instanceof Fault ? happen(outcome, outgoing as ServerResponse) : outcome;
    },
    { overrideGlobalObjects: false },
  );
  server.on("request", (incoming, outgoing) => void listener(incoming, outgoing));
  const close = async (): Promise<void> => {
    timers.clear();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url, simulator, close };
}

/** Makes a fault happen on the socket itself; the adaptor leaves the response alone. */
async function happen({ how }: Fault, outgoing: ServerResponse): Promise<Response> {
  if (how.kind === "hang") {
    const tooLong = setTimeout(() => outgoing.destroy(), HANG_MS);
    await once(outgoing, "close");
    clearTimeout(tooLong);
  }
  if (how.kind === "cut") {
    outgoing.writeHead(200, how.headers);
    await new Promise((resolve) => outgoing.write(how.body, resolve));
  }
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

function createTimers() {
  const running = new Set<NodeJS.Timeout>();
  let isOver = false;
  return {
    schedule: (delayMs: number, run: () => Promise<void>): void => {
      // What was under way at the end would else go on, a callback's retries for a quarter of an hour.
      if (isOver) return;
      const timer = setTimeout(() => {
        running.delete(timer);
        void run();
      }, delayMs + TIMER_SLACK_MS);
      running.add(timer);
    },
    clear: (): void => {
      isOver = true;
      for (const timer of running) clearTimeout(timer);
    },
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8799" },
      key: { type: "string", multiple: true, default: ["sim-key"] },
      "hmac-key": { type: "string" },
      "task-ms": { type: "string", default: "3000" },
    },
  });
  const { url, close } = await serveSimulator({
    port: Number(values.port),
    apiKeys: values.key,
    webhookHmacKey: values["hmac-key"] ?? null,
    taskMs: Number(values["task-ms"]),
    fetchInputs: true,
  });
  process.once("SIGINT", () => void close());
  process.once("SIGTERM", () => void close());
  console.log(`KIE simulator: ${url}`);
}

if (import.meta.main) await main();
