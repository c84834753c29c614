/** The crash test's requests to a Worker that may be dead. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SimulatedTask, Simulator } from "../../src/simulator/simulator.ts";
import { isLoss } from "./crash-invariants.ts";
import type { Artwork, Event, Generation } from "./crash-invariants.ts";

const TIME_LIMIT_MS = 15_000;
const CRON_MS = 5_000;

interface ArtworkBody {
  readonly id: string;
  readonly generation: Generation;
}

interface Page {
  readonly data: readonly ArtworkBody[];
  readonly hasMore: boolean;
  readonly lastId: string | null;
}

async function ask(method: string, url: string, body?: unknown): Promise<Response> {
  return await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function read<Body>(url: string): Promise<Body> {
  const response = await ask("GET", url);
  if (response.status !== 200)
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Requests a generation. Answers its id, or null when the Worker died before the answer. */
export async function post(url: string, prompt: string, deadlineSeconds: number): Promise<string | null> {
  try {
    const response = await ask("POST", `${url}/api/artworks/generate`, { prompt, deadlineSeconds });
    if (response.status !== 202) return null;
    return ((await response.json()) as ArtworkBody).generation.id;
  } catch {
    return null;
  }
}

/** Posts a forged callback for a real generation; answers the status, or nothing without an answer. */
export async function forgeCallback(url: string, task: SimulatedTask | undefined): Promise<number[]> {
  const target = URL.parse(String(task?.body["callBackUrl"]));
  if (task === undefined || target === null) return [];
  target.searchParams.set("token", "0".repeat(26));
  try {
    const claim = { code: 200, data: { taskId: task.id, info: { resultImageUrl: "https://example.com/" } } };
    return [(await ask("POST", `${url}${target.pathname}${target.search}`, claim)).status];
  } catch {
    return [];
  }
}

/** Reads every generation. */
export async function readStatuses(url: string): Promise<{ status: string; terminal: boolean }[]> {
  const all: Generation[] = [];
  for (let after: string | null = ""; after !== null;) {
    const query: string = after === "" ? "" : `&after=${after}`;
    const page: Page = await read(`${url}/api/artworks?limit=100${query}`);
    all.push(...page.data.map(({ generation }) => generation));
    after = page.hasMore ? page.lastId : null;
  }
  return all;
}

const listed = (url: string) => read<{ data: ArtworkBody[] }>(`${url}/api/artworks?limit=100`);

/** Waits until every generation and paid task has ended; runs the cron more often than once a minute. */
export async function untilQuiet(url: string, simulator: Simulator, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (Date.now() < giveUpAt) {
    await ask("GET", `${url}/cdn-cgi/local/scheduled`);
    const { data } = await listed(url);
    const isQuiet = ({ generation }: ArtworkBody) => generation.terminal && !isLoss(generation, simulator);
    if (data.every(isQuiet)) return;
    await sleep(CRON_MS);
  }
}

async function digestOf(url: string): Promise<string> {
  const response = await ask("GET", url);
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.status === 200
    ? createHash("sha256").update(bytes).digest("hex")
    : `HTTP ${response.status}`;
}

/** Reads every artwork with its timeline and the digests of its served bytes. */
export async function readArtworks(url: string): Promise<Artwork[]> {
  const { data } = await listed(url);
  const artworks: Artwork[] = [];
  for (const { id, generation } of data) {
    const timeline = await read<{ data: Event[] }>(`${url}/api/artworks/${id}/timeline`);
    const digests = await Promise.all(generation.outputs.map((output) => digestOf(output.url)));
    artworks.push({ generation, timeline: timeline.data, digests });
  }
  return artworks;
}
