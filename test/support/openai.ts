/** Calls of OpenAI's dialect, and the contents of their answers. */
import type { World } from "./harness.ts";

export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
  readonly artwork?: { readonly id: string; readonly status_url: string };
}

export interface CompletionBody {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly error?: OpenAiError;
}

export interface ImagesBody {
  readonly created: number;
  readonly data: readonly { readonly url?: string; readonly b64_json?: string }[];
  readonly size?: string;
  readonly output_format?: string;
  readonly error?: OpenAiError;
}

export const errorOf = async (response: Response): Promise<OpenAiError> =>
  (await response.json<{ error: OpenAiError }>()).error;

const MOST_ROUNDS = 1_500;

/** Lets platform work continue (storage, an import), which a world's clock does not move. */
const breathe = () => scheduler.wait(1);

/** Moves the clock until a condition holds. */
export async function whileTimePasses<Value>(world: World, pending: Promise<Value>): Promise<Value> {
  const still = { pending: true };
  const ended = pending.finally(() => void (still.pending = false));
  ended.catch(() => undefined);
  for (let round = 0; still.pending; round += 1) {
    if (round > MOST_ROUNDS) throw new Error("It does not come about.");
    await world.pass(500);
    await breathe();
  }
  return await ended;
}

/** Waits until the provider has this many create calls; the clock stands still. */
export async function untilCreated(world: World, count = 1): Promise<void> {
  for (let round = 0; world.simulator.creates() < count; round += 1) {
    if (round > MOST_ROUNDS) throw new Error("The provider is not asked.");
    await world.settle();
    await breathe();
  }
}

/** Sends a chat request; its response may be kept alive. */
export const ask = (
  world: World,
  content: unknown,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> =>
  world.call("POST", "/v1/chat/completions", {
    body: { messages: [{ role: "user", content }], ...more },
    headers,
  });

/** Sends a chat request and waits for the whole answer. */
export const chatOnce = async (
  world: World,
  content: unknown,
  more: Record<string, unknown> = {},
): Promise<CompletionBody> => await (await whileTimePasses(world, ask(world, content, more))).json();

/** The data of a stream's frames, without comments and the end. */
export function framesOf(text: string): unknown[] {
  return text
    .split("\n\n")
    .flatMap((part) => /^data: (.*)$/ms.exec(part)?.[1] ?? [])
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as unknown);
}
