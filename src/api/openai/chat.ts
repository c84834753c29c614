import { Hono } from "hono";
import type { ArtworkWithGeneration } from "../../domain/rows.ts";
import { isRefusal, refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import type { KeepAliveBody } from "../../http/keep-alive-body.ts";
import { scopeOf } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { readRepetition } from "../../http/repetition.ts";
import { eventStream, frame } from "../../http/sse.ts";
import { json } from "../../http/validate.ts";
import { SECOND } from "../../lib/time.ts";
import type { Accepted } from "../shared/accept-all.ts";
import { COMMENT, LONGEST_HOLD } from "../shared/hold.ts";
import { outcomeAfter } from "../shared/outcome.ts";
import { acceptWithImages } from "../shared/receive-images.ts";
import { chooseModel } from "./choose-model.ts";
import { chunk, completion, usageChunk } from "./completion.ts";
import type { Completion, Delta } from "./completion.ts";
import { answerHeld } from "./hold.ts";
import type { StatusAnswer } from "./hold.ts";
import { answerMarkdown, END_OF_PROGRESS, progressLine, progressText } from "./markdown.ts";
import type { Shape } from "./markdown.ts";
import { ChatBody, readChatRequest } from "./messages.ts";
import { outcomeError, statusUrl } from "./outcome-error.ts";
import { nearestRatio, splitRatio } from "./ratio.ts";
import { renamed } from "./rename.ts";

export const chat = new Hono<AppEnv>();

/** A chat contains its images: one of 10 MB in base64, and the earlier messages. */
const MOST_BODY_BYTES = 20 * 1024 * 1024;

chat.post("/chat/completions", json(ChatBody, { mostBytes: MOST_BODY_BYTES }), async (c) => {
  const body = c.req.valid("json");
  const until = c.var.deps.now() + LONGEST_HOLD;
  const accepted = await acceptChat(c, body);
  if (isRefusal(accepted)) return refuse(c, accepted);
  const { made } = accepted;
  const held = { ...accepted, until };
  c.header("Location", statusUrl(c, made.artwork.id));
  if (made.isRepeated) c.header("Idempotent-Replayed", "true");
  return body.stream === true
    ? eventStream(
        c,
        (out) => writeChat(c, held, { out, showsUsage: body.stream_options?.include_usage === true }),
        COMMENT,
      )
    : await answerHeld(c, (gone) => answerChat(c, held, gone));
});

const NO_REQUEST = refuseFields([
  {
    path: "messages",
    message: "must describe the image in text, in the last user message",
    code: "invalid_messages",
  },
]);

interface AcceptedChat {
  readonly made: Accepted;
  readonly shape: Shape;
}

/** Records the request of the last user message. */
async function acceptChat(c: AppContext, body: ChatBody): Promise<AcceptedChat | Refusal> {
  const repetition = readRepetition(c);
  if (isRefusal(repetition)) return repetition;
  const request = readChatRequest(body);
  const { prompt, ratio } = splitRatio(request?.text ?? "");
  if (request === null || prompt === "") return NO_REQUEST;
  const chosen = chooseModel(c.var.deps, body.model ?? null, request.images.length > 0);
  if (isRefusal(chosen)) return chosen;
  const { model, limits } = chosen;
  const drawn = ratio === null ? null : nearestRatio(ratio, limits.aspectRatios);
  const sent = request.images.map((source) => ({ param: "messages", source }));
  const accepted = await acceptWithImages(scopeOf(c), sent, (images) => ({
    route: "v1/chat/completions",
    body: {
      prompt,
      model: model.id,
      aspectRatio: drawn ?? undefined,
      images: images.length === 0 ? undefined : images,
    },
    count: 1,
    repetition,
  }));
  if (isRefusal(accepted)) return renamed(accepted, { prompt: "messages", images: "messages" });
  return { made: accepted[0], shape: { asked: ratio, drawn } };
}

interface HeldChat extends AcceptedChat {
  /** Epoch milliseconds. */
  readonly until: number;
}

const completionOf = ({ artwork, generation }: ArtworkWithGeneration): Completion => ({
  id: `chatcmpl-${artwork.id}`,
  created: Math.floor(artwork.createdAt / SECOND),
  model: generation.model,
});

async function answerChat(
  c: AppContext,
  { made, shape, until }: HeldChat,
  gone: AbortSignal,
): Promise<StatusAnswer> {
  const outcome = await outcomeAfter(scopeOf(c), made, { until, gone });
  if (outcome.kind !== "completed") {
    const { status, body } = outcomeError(c, outcome, made.artwork.id);
    return { status, body: JSON.stringify(body) };
  }
  const { model } = outcome.result;
  const body = completion({ ...completionOf(made), model }, answerMarkdown(outcome.result, shape));
  return { status: 200, body: JSON.stringify(body) };
}

interface ChatStream {
  readonly out: KeepAliveBody;
  readonly showsUsage: boolean;
}

/** Writes the answer as a stream: the role, the progress, the image, the end. */
async function writeChat(
  c: AppContext,
  { made, shape, until }: HeldChat,
  { out, showsUsage }: ChatStream,
): Promise<void> {
  const about = completionOf(made);
  const send = (data: unknown) => out.send(frame({ data: JSON.stringify(data) }));
  const say = (delta: Delta, isEnd = false) => send(chunk(about, delta, { isEnd, showsUsage }));
  say({ role: "assistant", content: "" });
  let said: string | null = null;
  const outcome = await outcomeAfter(scopeOf(c), made, { until, gone: out.gone }, (generation) => {
    const text = progressText(generation);
    if (text !== null && text !== said) say({ content: progressLine(text) });
    said = text ?? said;
  });
  if (said !== null) say({ content: END_OF_PROGRESS });
  if (outcome.kind !== "completed") {
    send({ error: outcomeError(c, outcome, made.artwork.id).body.error });
  } else {
    say({ content: answerMarkdown(outcome.result, shape) });
    say({}, true);
    if (showsUsage) send(usageChunk(about));
  }
  out.send(frame({ data: "[DONE]" }));
}
