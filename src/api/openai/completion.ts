/** The objects of OpenAI's chat completions. Pure. */

/** Images cost credits of the provider, not tokens. */
const USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** The fields that all objects of one answer share. */
export interface Completion {
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
}

/** The whole answer. */
export const completion = ({ id, created, model }: Completion, content: string) => ({
  id,
  object: "chat.completion",
  created,
  model,
  choices: [
    {
      index: 0,
      message: { role: "assistant", content, refusal: null },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: USAGE,
});

/** The content of a chunk. */
export interface Delta {
  readonly role?: "assistant";
  readonly content?: string;
}

/** A piece of the answer. With `showsUsage` every chunk has `usage`, null until the last chunk. */
export const chunk = (
  { id, created, model }: Completion,
  delta: Delta,
  { isEnd = false, showsUsage = false }: { readonly isEnd?: boolean; readonly showsUsage?: boolean } = {},
) => ({
  id,
  object: "chat.completion.chunk",
  created,
  model,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: isEnd ? "stop" : null }],
  ...(showsUsage ? { usage: null } : {}),
});

/** The last chunk for clients that request usage. */
export const usageChunk = ({ id, created, model }: Completion) => ({
  id,
  object: "chat.completion.chunk",
  created,
  model,
  choices: [],
  usage: USAGE,
});
