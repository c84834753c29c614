/** A chat of OpenAI's clients, and its request for an image. Pure. */
import * as z from "zod/mini";
import { parse } from "../../lib/issues.ts";

/** Ignores other fields (`temperature`, `tools`, …). */
export const ChatBody = z.looseObject({
  model: z.nullish(z.string()),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  n: z.nullish(z.literal(1, "must be 1: send one call for each image, or use /v1/images/generations")),
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

/** The request of the last user message. */
export interface ChatRequest {
  readonly text: string;
  /** URLs, including `data:` URLs. */
  readonly images: readonly string[];
}

/**
 * Reads the last user message: its text or text parts, and its images. Ignores all other messages, also the system
 * message. Null without a readable user message.
 */
export function readChatRequest({ messages }: Pick<ChatBody, "messages">): ChatRequest | null {
  const last = messages.findLast(({ role }) => role === "user");
  const parsed = parse(Content, last?.content);
  if (!parsed.success) return null;
  if (typeof parsed.data === "string") return { text: parsed.data.trim(), images: [] };
  const texts = parsed.data.flatMap(({ text }) => text ?? []);
  const images = parsed.data.flatMap(({ image_url: image }) =>
    image === undefined ? [] : typeof image === "string" ? image : image.url,
  );
  return { text: texts.join("\n").trim(), images };
}
