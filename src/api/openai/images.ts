import { Hono } from "hono";
import { RequestBody } from "../../lib/request-body.ts";
import { isRefusal } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { jsonOrForm } from "../../http/form.ts";
import { scopeOf } from "../../http/context.ts";
import { refuse } from "../../http/dialect.ts";
import { readRepetition } from "../../http/repetition.ts";
import { eventStream, frame } from "../../http/sse.ts";
import type { KeepAliveBody } from "../../http/keep-alive-body.ts";
import { json } from "../../http/validate.ts";
import { SECOND } from "../../lib/time.ts";
import type { AcceptedAll } from "../shared/accept-all.ts";
import { COMMENT, LONGEST_HOLD } from "../shared/hold.ts";
import { outcomeAfter } from "../shared/outcome.ts";
import type { FailedOutcome, GenerationResult, WaitOptions } from "../shared/outcome.ts";
import { acceptWithImages } from "../shared/receive-images.ts";
import { chooseModel } from "./choose-model.ts";
import { readEdit } from "./edit-body.ts";
import type { SentEdit } from "./edit-body.ts";
import { answerHeld } from "./hold.ts";
import type { StatusAnswer } from "./hold.ts";
import { bytesAnswer, completedEvent, imagesOf, urlAnswer } from "./image-answer.ts";
import type { ReadFile } from "./image-answer.ts";
import { GenerationFields, orderOf, withTypes } from "./image-fields.ts";
import type { ImageFields } from "./image-fields.ts";
import { outcomeError, statusUrl } from "./outcome-error.ts";
import { renamed } from "./rename.ts";

export const images = new Hono<AppEnv>();

images.post("/images/generations", json(GenerationFields), (c) =>
  answerImages(c, { call: "image_generation", fields: c.req.valid("json"), images: [], mask: null }),
);

const MEBIBYTE = 1024 * 1024;
const EDIT_BODY = {
  /** The platform holds a form in memory (128 MB per Worker): four images of the largest size, and a mask. */
  mostFormBytes: 51 * MEBIBYTE,
  /** Memory holds images in `data:` URLs twice. */
  mostJsonBytes: 20 * MEBIBYTE,
  withTypes,
};

images.post("/images/edits", jsonOrForm(RequestBody, EDIT_BODY), async (c) => {
  const edit = readEdit(c.req.valid("json"));
  return isRefusal(edit) ? refuse(c, edit) : await answerImages(c, { call: "image_edit", ...edit });
});

interface ImageCall extends SentEdit {
  readonly call: "image_generation" | "image_edit";
}

async function answerImages(c: AppContext, call: ImageCall): Promise<Response> {
  const until = c.var.deps.now() + LONGEST_HOLD;
  const accepted = await acceptImages(c, call);
  if (isRefusal(accepted)) return refuse(c, accepted);
  const [first] = accepted;
  c.header("Location", statusUrl(c, first.artwork.id));
  if (accepted.every(({ isRepeated }) => isRepeated)) c.header("Idempotent-Replayed", "true");
  return call.fields.stream === true
    ? eventStream(c, (out) => writeImages(c, { call, accepted, until }, out), COMMENT)
    : await answerHeld(c, (gone) => imagesAnswer(c, { call, accepted, until }, gone));
}

/** OpenAI's names of our fields. */
const NAMES = { aspectRatio: "size", images: "image", outputFormat: "output_format", variants: "n" };

async function acceptImages(
  c: AppContext,
  { call, fields, images: sent, mask }: ImageCall,
): Promise<AcceptedAll | Refusal> {
  const repetition = readRepetition(c);
  if (isRefusal(repetition)) return repetition;
  const chosen = chooseModel(c.var.deps, fields.model ?? null, sent.length > 0);
  if (isRefusal(chosen)) return chosen;
  const route = call === "image_edit" ? "v1/images/edits" : "v1/images/generations";
  const accepted = await acceptWithImages(scopeOf(c), mask === null ? sent : [...sent, mask], (names) => {
    const named = { images: names.slice(0, sent.length), mask: names[sent.length] };
    return { route, ...orderOf(fields, chosen, named), repetition };
  });
  return isRefusal(accepted) ? renamed(accepted, NAMES) : accepted;
}

interface HeldImages {
  readonly call: ImageCall;
  readonly accepted: AcceptedAll;
  /** Epoch milliseconds. */
  readonly until: number;
}

const createdOf = ({ accepted: [first] }: HeldImages): number => Math.floor(first.artwork.createdAt / SECOND);

/** The results, or the first failure when no generation has a result. */
type AllResults =
  | { readonly kind: "completed"; readonly results: readonly GenerationResult[] }
  | { readonly kind: "failed"; readonly outcome: FailedOutcome; readonly artworkId: string };

/**
 * Waits for one generation after the other, which takes no longer because they run at the same time. Results count even
 * if other generations failed, because they are paid for.
 */
async function allResults(c: AppContext, { accepted }: HeldImages, wait: WaitOptions): Promise<AllResults> {
  const results: GenerationResult[] = [];
  const failures: Extract<AllResults, { kind: "failed" }>[] = [];
  for (const made of accepted) {
    // oxlint-disable-next-line no-await-in-loop
    const outcome = await outcomeAfter(scopeOf(c), made, wait);
    if (outcome.kind === "completed") results.push(outcome.result);
    else failures.push({ kind: "failed", outcome, artworkId: made.artwork.id });
  }
  const [failed] = failures;
  return results.length === 0 && failed !== undefined ? failed : { kind: "completed", results };
}

/** Reads from the bucket. A file that is deleted meanwhile ends the response early. */
const readFrom =
  (c: AppContext): ReadFile =>
  async (key) => {
    const object = await c.env.MEDIA.get(key);
    if (object === null) throw new Error(`No file under ${key}.`);
    return object.body;
  };

async function imagesAnswer(c: AppContext, held: HeldImages, gone: AbortSignal): Promise<StatusAnswer> {
  const result = await allResults(c, held, { until: held.until, gone });
  if (result.kind === "failed") {
    const { status, body } = outcomeError(c, result.outcome, result.artworkId);
    return { status, body: JSON.stringify(body) };
  }
  const files = imagesOf(result.results);
  const created = createdOf(held);
  const body = wantsBytes(held.call.fields)
    ? bytesAnswer(created, files, readFrom(c))
    : urlAnswer(created, files);
  return { status: 200, body };
}

/** Links are the default for every model. */
const wantsBytes = ({ response_format: format }: ImageFields): boolean => format === "b64_json";

async function writeImages(c: AppContext, held: HeldImages, out: KeepAliveBody): Promise<void> {
  const result = await allResults(c, held, { until: held.until, gone: out.gone });
  if (result.kind === "failed") {
    const { error } = outcomeError(c, result.outcome, result.artworkId).body;
    out.send(frame({ data: JSON.stringify({ error }) }));
  } else {
    for (const file of imagesOf(result.results)) {
      // oxlint-disable-next-line no-await-in-loop -- an event is written before the next one
      await out.pipe(completedEvent(held.call.call, createdOf(held), file, readFrom(c)));
    }
  }
  out.send(frame({ data: "[DONE]" }));
}
