/** A real redis-server for one test, and a server that accepts connections and stays silent. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

const BINARY = "/usr/bin/redis-server";
export const PASSWORD = "open-sesame-4711";

/** Without redis-server, CI fails and a developer gets a warning. Answers the reason to skip, or null. */
export function missingRedis(): string | null {
  if (existsSync(BINARY)) return null;
  const reason = `NOT TESTED: ${BINARY} is missing (Debian: apt-get install redis-server).`;
  if (process.env["CI"] !== undefined) throw new Error(reason);
  console.warn(reason);
  return reason;
}

export interface RedisServer {
  /** `kill -9`. */
  readonly kill: () => Promise<void>;
}

/** Starts a server without persistence, and waits until it answers. */
export async function startRedis(port: number, password: string = PASSWORD): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "darkroom-redis-"));
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  const child = spawn(BINARY, [...options, "--requirepass", password], { stdio: "ignore" });
  const exited = once(child, "exit");
  const client = connect(port, password);
  await client.ping();
  client.disconnect();
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The test's own client, which retries until the server answers. */
export const connect = (port: number, password: string = PASSWORD): Redis =>
  new Redis({ port, password, retryStrategy: () => 50 }).on("error", () => undefined);

export interface BlackHole {
  /** Accepted connections. */
  readonly taken: () => number;
  readonly close: () => Promise<void>;
}

/** Accepts every connection and never answers. */
export async function startBlackHole(port: number): Promise<BlackHole> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    socket.resume();
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    taken: () => sockets.length,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
