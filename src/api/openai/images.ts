import { Hono } from "hono";
import { RequestBody } from "../../lib/request-body.ts";
import { isRefusal } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";
import { jsonOrForm } from "../../http/form.ts";
import { repetitionOf } from "../shared/accept-once.ts";
import { refuse } from "../../http/problem.ts";
import { eventStream, frame } from "../../http/sse.ts";
import type { KeepAliveBody } from "../../http/keep-alive-body.ts";
import { json } from "../../http/validate.ts";
import { SECOND } from "../../lib/time.ts";
import type { AcceptedAll } from "./accept.ts";
import { chooseModel } from "./choose-model.ts";
import { readEdit } from "./edit-body.ts";
import type { SentEdit } from "./edit-body.ts";
import { COMMENT, holdJson, LONGEST_HOLD } from "./keep-alive.ts";
import type { JsonAnswer } from "./keep-alive.ts";
import { bytesAnswer, completedEvent, imagesOf, urlAnswer } from "./image-answer.ts";
import type { ReadFile } from "./image-answer.ts";
import { GenerationFields, orderOf, withTypes } from "./image-fields.ts";
import type { ImageFields } from "./image-fields.ts";
import { outcomeAfter, statusUrl, problemBodyOf } from "./outcome.ts";
import type { GenerationResult, WaitOptions, ProviderProblem } from "./outcome.ts";
import { acceptWith } from "./pictures.ts";
import { renamed } from "./rename.ts";

export const images = new Hono<AppEnv>();

images.post("/images/generations", json(GenerationFields), (c) =>
  answerImages(c, { call: "image_generation", fields: c.req.valid("json"), pictures: [], mask: null }),
);

const MEBIBYTE = 1024 * 1024;
const EDIT_BODY = {
  /** The platform holds a form in memory, of which a Worker has 128 MB: four pictures of the largest size, and a mask. */
  mostFormBytes: 51 * MEBIBYTE,
  /** Pictures as `data:` URLs are held twice. */
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
  if (accepted instanceof Response) return accepted;
  if (isRefusal(accepted)) return refuse(c, accepted);
  const [first] = accepted;
  c.header("Location", statusUrl(c, first.artwork.id));
  if (accepted.every(({ isRepeated }) => isRepeated)) c.header("Idempotent-Replayed", "true");
  return call.fields.stream === true
    ? eventStream(c, (out) => writeImages(c, { call, accepted, until }, out), COMMENT)
    : await holdJson(c, (gone) => imagesAnswer(c, { call, accepted, until }, gone));
}

/** How OpenAI calls our fields. */
const NAMES = { aspectRatio: "size", images: "image", outputFormat: "output_format", variants: "n" };

async function acceptImages(
  c: AppContext,
  { call, fields, pictures, mask }: ImageCall,
): Promise<AcceptedAll | Refusal | Response> {
  const repetition = repetitionOf(c);
  if (repetition instanceof Response) return repetition;
  const chosen = chooseModel(c.var.deps, fields.model ?? null, pictures.length > 0);
  if (isRefusal(chosen)) return chosen;
  const route = call === "image_edit" ? "v1/images/edits" : "v1/images/generations";
  const accepted = await acceptWith(c, mask === null ? pictures : [...pictures, mask], (names) => {
    const named = { images: names.slice(0, pictures.length), mask: names[pictures.length] };
    return { route, ...orderOf(fields, chosen, named), repetition };
  });
  return isRefusal(accepted) ? renamed(accepted, NAMES) : accepted;
}

interface Held {
  readonly call: ImageCall;
  readonly accepted: AcceptedAll;
  /** Epoch milliseconds. */
  readonly until: number;
}

const createdOf = ({ accepted: [first] }: Held): number => Math.floor(first.artwork.createdAt / SECOND);

/**
 * Waits for one after the other: they run side by side, so it takes no longer. What was made counts, even if others
 * failed: it is paid for. Where nothing was made, why the first one failed.
 */
async function allResults(
  c: AppContext,
  { accepted }: Held,
  patience: WaitOptions,
): Promise<{ readonly made: readonly GenerationResult[] } | { readonly trouble: ProviderProblem }> {
  const outcomes = [];
  for (const one of accepted) {
    // oxlint-disable-next-line no-await-in-loop
    outcomes.push(await outcomeAfter(c, one, patience));
  }
  const made = outcomes.flatMap((outcome) => (outcome.state === "made" ? outcome.made : []));
  const [trouble] = outcomes.flatMap((outcome) => (outcome.state === "trouble" ? outcome.trouble : []));
  return made.length === 0 && trouble !== undefined ? { trouble } : { made };
}

/** The bucket; what has been deleted from it meanwhile breaks the answer off. */
const readFrom =
  (c: AppContext): ReadFile =>
  async (key) => {
    const object = await c.env.MEDIA.get(key);
    if (object === null) throw new Error(`There is nothing under ${key}.`);
    return object.body;
  };

async function imagesAnswer(c: AppContext, held: Held, gone: AbortSignal): Promise<JsonAnswer> {
  const result = await allResults(c, held, { until: held.until, gone });
  if ("trouble" in result) {
    return { status: result.trouble.status, body: JSON.stringify(problemBodyOf(c, result.trouble)) };
  }
  const pictures = imagesOf(result.made);
  const created = createdOf(held);
  const body = wantsBytes(held.call.fields)
    ? bytesAnswer(created, pictures, readFrom(c))
    : urlAnswer(created, pictures);
  return { status: 200, body };
}

/** Links are the default for every model: a client that wants the bytes says so. */
const wantsBytes = ({ response_format: format }: ImageFields): boolean => format === "b64_json";

async function writeImages(c: AppContext, held: Held, out: KeepAliveBody): Promise<void> {
  const result = await allResults(c, held, { until: held.until, gone: out.gone });
  if ("trouble" in result) {
    out.send(frame({ data: JSON.stringify({ error: problemBodyOf(c, result.trouble).error }) }));
  } else {
    for (const picture of imagesOf(result.made)) {
      // oxlint-disable-next-line no-await-in-loop -- an event is written before the next one
      await out.pipe(completedEvent(held.call.call, createdOf(held), picture, readFrom(c)));
    }
  }
  out.send(frame({ data: "[DONE]" }));
}
