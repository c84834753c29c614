/** A chat as OpenAI's clients send it, and what of it asks for a picture. Pure. */
import * as z from "zod/mini";
import { parse } from "../../lib/issues.ts";

/** What else clients send (`temperature`, `tools`, …) means nothing to pictures. */
export const ChatBody = z.looseObject({
  model: z.nullish(z.string()),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  n: z.nullish(z.literal(1, "must be 1: each picture is a call of its own, or use /v1/images/generations")),
  stream: z.nullish(z.boolean()),
  stream_options: z.nullish(z.looseObject({ include_usage: z.nullish(z.boolean()) })),
});
export type ChatBody = z.infer<typeof ChatBody>;

const Part = z.looseObject({
  type: z.string(),
  text: z.optional(z.string()),
  image_url: z.optional(z.union([z.string(), z.looseObject({ url: z.string() })])),
});
const Content = z.union([z.string(), z.array(Part)]);

/** What the last user message asks for. */
export interface ChatRequest {
  readonly text: string;
  /** URLs, `data:` URLs among them. */
  readonly pictures: readonly string[];
}

/**
 * Reads the last user message: a text or its text parts, and its pictures. Nothing else of a chat is looked at, least
 * of all the system's message. Null where there is none, or none that can be read.
 */
export function readChatRequest({ messages }: Pick<ChatBody, "messages">): ChatRequest | null {
  const last = messages.findLast(({ role }) => role === "user");
  const parsed = parse(Content, last?.content);
  if (!parsed.success) return null;
  if (typeof parsed.data === "string") return { text: parsed.data.trim(), pictures: [] };
  const texts = parsed.data.flatMap(({ text }) => text ?? []);
  const pictures = parsed.data.flatMap(({ image_url: image }) =>
    image === undefined ? [] : typeof image === "string" ? image : image.url,
  );
  return { text: texts.join("\n").trim(), pictures };
}
