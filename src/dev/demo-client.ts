/** What the demo knows of the API: the parts of its answers that it shows. */
import { createHash } from "node:crypto";

export interface Output {
  readonly url: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}
export interface Generation {
  readonly status: string;
  readonly terminal: boolean;
  readonly progress: number | null;
  readonly credits: { readonly estimated: number | null; readonly used: number | null };
  readonly error: { readonly message: string } | null;
  readonly outputs: readonly Output[];
}
export interface Artwork {
  readonly urls: { readonly status: string; readonly regenerate: string };
  readonly generation: Generation;
}
export interface Model {
  readonly id: string;
  readonly family: string;
  readonly example: Readonly<Record<string, unknown>>;
}

const TIME_LIMIT_MS = 120_000;

export async function request<Body>(method: string, url: string, body?: unknown): Promise<Body> {
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Follows a generation by long polling until it ends, telling each change. */
export async function follow(
  statusUrl: string,
  onStatus: (generation: Generation) => void,
): Promise<Generation> {
  const startedAt = Date.now();
  let known = '"nothing yet"';
  while (Date.now() - startedAt < TIME_LIMIT_MS) {
    const response = await fetch(`${statusUrl}?wait=10`, { headers: { "If-None-Match": known } });
    if (response.status !== 200) continue;
    const generation = (await response.json()) as Generation;
    onStatus(generation);
    if (generation.terminal) return generation;
    known = response.headers.get("ETag") ?? "";
  }
  throw new Error("It took too long.");
}

/** Downloads what was stored and compares it with what the API says of it. Throws when there is a difference. */
export async function checkBytes(generation: Generation): Promise<Output> {
  const [output] = generation.outputs;
  if (generation.status !== "completed" || output === undefined) {
    throw new Error(
      `The generation is ${generation.status}: ${generation.error?.message ?? "no reason given"}`,
    );
  }
  const bytes = Buffer.from(await (await fetch(output.url)).arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (bytes.length !== output.bytes || sha256 !== output.sha256) {
    throw new Error(`The bytes at ${output.url} are not those that were promised.`);
  }
  return output;
}
