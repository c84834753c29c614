/** The body of an edit: a form with files, or JSON with URLs. Pure. */
import * as z from "zod/mini";
import type { RequestBody } from "../../lib/request-body.ts";
import { refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { fieldIssues, parse, parseLeniently } from "../../lib/issues.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import { GenerationFields } from "./image-fields.ts";
import type { ImageFields } from "./image-fields.ts";
import type { SentImage } from "../shared/receive-images.ts";

export interface SentEdit {
  readonly fields: ImageFields;
  readonly images: readonly SentImage[];
  readonly mask: SentImage | null;
}

/** The limit of a request, see `domain/requests/fields.ts`. */
const MAX_IMAGES = 16;

const MUST_BE_IMAGE = "must be a file, a URL, or an object with an image_url";
const link = z.string().check(z.minLength(1));
const Image = z.union([link, z.instanceof(Blob), z.looseObject({ image_url: link })], MUST_BE_IMAGE);

/** OpenAI's newer and older spelling; URLs include `data:` URLs. */
const EditImages = z.object({
  image: z.nullish(z.union([Image, z.array(Image)], MUST_BE_IMAGE)),
  images: z.nullish(z.array(Image)),
  mask: z.nullish(Image),
});

/** Reads an edit, or refuses it with every bad field at once. */
export function readEdit({ image, images, mask, ...others }: RequestBody): SentEdit | Refusal {
  const fields = parse(GenerationFields, others);
  const sent = parseLeniently(EditImages, { image, images, mask });
  const sentImages = [sent.fields.image ?? [], sent.fields.images ?? []]
    .flat(2)
    .map((one) => sentAs("image", one));
  const areReadable = sent.issues.every(({ path }) => path === "mask" || path.startsWith("mask."));
  const issues = [...sent.issues, ...(areReadable ? countIssues(sentImages) : [])];
  if (!fields.success) return refuseFields([...fieldIssues(fields.error), ...issues]);
  if (issues.length > 0) return refuseFields(issues);
  const { mask: sentMask = null } = sent.fields;
  return {
    fields: fields.data,
    images: sentImages,
    mask: sentMask === null ? null : sentAs("mask", sentMask),
  };
}

const sentAs = (param: string, source: z.infer<typeof Image>): SentImage => ({
  param,
  source: typeof source === "string" || source instanceof Blob ? source : source.image_url,
});

function countIssues({ length }: readonly SentImage[]): FieldIssue[] {
  if (length === 0) return [{ path: "image", message: "is required", code: "required" }];
  if (length <= MAX_IMAGES) return [];
  return [{ path: "image", message: `must be at most ${MAX_IMAGES} images`, code: "too_big" }];
}
