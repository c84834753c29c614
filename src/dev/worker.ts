/** The real Worker under the real `wrangler dev`, as a child process that can be stopped or killed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const WRANGLER = ["node_modules/wrangler/bin/wrangler.js"];
/** wrangler would otherwise ask the internet about its version, its usage and the caller's country. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const READY_WITHIN_MS = 120_000;
const POLL_MS = 100;

export interface WorkerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly vars: Readonly<Record<string, string>>;
  /** Where the local D1, R2, KV and Durable Objects live; wrangler's own place when undefined. */
  readonly stateDirectory?: string;
  /** Gets what the Worker logs, line by line. */
  readonly onLine?: (line: string) => void;
}

export interface Worker {
  /** Without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Ends it in an orderly way, and for certain after a while. */
  readonly stop: () => Promise<void>;
  /** `kill -9` of the whole process group. */
  readonly kill: () => Promise<void>;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
}

const persistTo = (directory: string | undefined): string[] =>
  directory === undefined ? [] : ["--persist-to", directory];

function run(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...WRANGLER, ...args], {
    detached: true,
    env: { ...process.env, ...QUIET },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Applies the migrations to the local database. Throws with wrangler's own words when that fails. */
export async function migrate(stateDirectory?: string): Promise<void> {
  const child = run(["d1", "migrations", "apply", "DB", "--local", ...persistTo(stateDirectory)]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`The migrations could not be applied:\n${output}`);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Whether nobody listens on this port of this machine. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "localhost");
  const isListening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  server.close();
  return isListening;
}

/** Starts `wrangler dev` and waits until the Worker answers. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const port = options.port === 0 ? await freePort() : options.port;
  const vars = Object.entries(options.vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const child = run([
    "dev",
    "--port",
    String(port),
    "--inspector-port",
    "0",
    ...vars,
    ...persistTo(options.stateDirectory),
  ]);
  const lines = collectLines(child, options.onLine);
  const url = `http://localhost:${port}`;
  const worker = {
    url,
    pid: child.pid ?? 0,
    stop: () => end(child, "SIGTERM"),
    kill: () => end(child, "SIGKILL"),
    ended: once(child, "exit").then(() => undefined),
  };
  try {
    await untilReady(child, url);
  } catch (error) {
    await worker.kill();
    throw new Error(`The Worker did not start:\n${lines.slice(-30).join("\n")}`, { cause: error });
  }
  return worker;
}

function collectLines(child: ChildProcess, onLine: WorkerOptions["onLine"]): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines.push(line);
        onLine?.(line);
      }
    });
  }
  return lines;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`wrangler ended with code ${child.exitCode}`);
    if (await answers(`${url}/api/health`)) return;
    await sleep(POLL_MS);
  }
  throw new Error(`no answer within ${READY_WITHIN_MS / 1000} s`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return response.status === 200 || response.status === 503;
  } catch {
    return false;
  }
}

/** wrangler starts workerd as a child of its own, so a signal goes to the whole group. */
async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  signalGroup(child.pid, signal);
  const inTime = await Promise.race([exited.then(() => true), sleep(5_000, false, { ref: false })]);
  if (!inTime) signalGroup(child.pid, "SIGKILL");
  await exited;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended between our look and our signal.
  }
}
