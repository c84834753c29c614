/** Maps a body of OpenAI's Videos API to a generation request. Pure. */
import * as z from "zod/mini";
import type { GenerationRequest } from "../../domain/requests/fields.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import { refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { parseLeniently } from "../../lib/issues.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import { getOwn } from "../../lib/get-own.ts";
import { findModel, forImages } from "../../models/find-model.ts";
import type { Catalogue } from "../../models/find-model.ts";
import type { VideoOptions, Model, WireInput } from "../../models/model.ts";
import { unknownModel } from "./choose-model.ts";
import { readReference } from "./reference.ts";

/** OpenAI's default. */
const DEFAULT_MODEL = "sora-2";

const Fields = z.partial(
  z.strictObject({
    prompt: z.string(),
    model: z.string(),
    seconds: z.union([z.string(), z.number()], "must be a number of seconds"),
    size: z.string(),
    input_reference: z.unknown(),
  }),
);

/** A request for a video. */
export interface VideoRequest {
  readonly request: GenerationRequest;
  /** The caller's name for the model; null when it is the id. */
  readonly alias: string | null;
  /** An image in the request itself. */
  readonly image: Blob | null;
  /** Problems found before planning. */
  readonly issues: readonly FieldIssue[];
}

/** Reads a body. Refuses an unknown model, and a model that makes no videos. */
export function readVideoRequest(catalogue: Catalogue, body: RequestBody): VideoRequest | Refusal {
  const { fields, issues } = parseLeniently(Fields, withoutNulls(body));
  const reference = readReference(fields.input_reference);
  const name = fields.model ?? DEFAULT_MODEL;
  const named = findModel(catalogue, name);
  if (named === null) return unknownModel(name);
  const model = fields.input_reference === undefined ? named : forImages(catalogue, named);
  const known = [...issues, ...reference.issues];
  if (model.video === null) {
    const message = "makes no videos. GET /v1/models lists all models, GET /api/models their kinds";
    return refuseFields([...known, { path: "model", message, code: "other_kind" }]);
  }
  const length = chooseLength(model, model.video, fields.seconds);
  const size = chooseSize(model, model.video, fields.size);
  return {
    request: {
      model: model.id,
      ...(fields.prompt === undefined ? {} : { prompt: fields.prompt }),
      ...(reference.image === null ? {} : { images: [reference.image] }),
      input: { ...length.input, ...size.input },
    },
    alias: name === named.id ? null : name,
    image: reference.file,
    issues: [...known, ...length.issues, ...size.issues],
  };
}

/** Some clients send null for a missing field. */
const withoutNulls = (body: RequestBody): RequestBody =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

interface Choice {
  readonly input: WireInput;
  readonly issues: readonly FieldIssue[];
}

const refusedChoice = (path: string, message: string): Choice => ({
  input: {},
  issues: [{ path, message, code: "invalid_value" }],
});

/**
 * Chooses the shortest length of the model that covers the requested seconds. Models support few lengths, rarely the 4, 8
 * and 12 seconds of OpenAI, and the shortest is the cheapest. The answer states the length.
 */
export function chooseLength(
  { id }: Pick<Model, "id">,
  { seconds }: VideoOptions,
  requested: string | number = 0,
): Choice {
  if (!/^\d{1,4}$/.test(String(requested)))
    return refusedChoice("seconds", "must be a whole number of seconds");
  const lengths = Object.keys(seconds).map(Number);
  const length = lengths.find((each) => each >= Number(requested));
  if (length !== undefined) return { input: seconds[length] ?? {}, issues: [] };
  const message = `must be at most ${lengths.at(-1)}: ${id} makes videos of ${lengths.join(", ")} seconds`;
  return refusedChoice("seconds", message);
}

export function chooseSize({ id }: Pick<Model, "id">, { sizes }: VideoOptions, requested?: string): Choice {
  const names = Object.keys(sizes);
  const input = getOwn(sizes, requested ?? names[0] ?? "");
  if (input !== undefined) return { input, issues: [] };
  return refusedChoice("size", `must be one of ${names.join(", ")} (${id})`);
}

/** A refusal with this API's field names: it has one image, `input_reference`. */
export function inVideoFields(refusal: Refusal): Refusal {
  if (refusal.issues === undefined) return refusal;
  const renamed = refusal.issues.map((issue) => ({
    ...issue,
    path: issue.path.replace(/^(images(\.\d+)?|file)$/, "input_reference"),
  }));
  // An unreadable image is also reported as missing.
  const issues = renamed.filter(
    ({ path }, index) => renamed.findIndex((each) => each.path === path) === index,
  );
  return refusal.refused === "invalid_fields" ? refuseFields(issues) : { ...refusal, issues };
}
