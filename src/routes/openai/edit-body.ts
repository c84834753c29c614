/** The body of an edit: a form with files, or JSON with URLs. */
import type { AppContext } from "../../http/context.ts";
import { problem } from "../../http/problem.ts";
import { readForm } from "../../http/upload-body.ts";
import { parseJsonText, readText } from "../../http/validate.ts";
import { describeIssues, fieldIssues, parse } from "../../lib/issues.ts";
import type { FieldIssue } from "../../lib/issues.ts";
import { EditFields, fieldsOfForm } from "./image-fields.ts";
import type { ImageFields } from "./image-fields.ts";
import type { SentPicture } from "./pictures.ts";

export interface SentEdit {
  readonly fields: ImageFields;
  readonly pictures: readonly SentPicture[];
  readonly mask: SentPicture | null;
}

const MEBIBYTE = 1024 * 1024;
/** The platform holds a form in memory, of which a Worker has 128 MB: four pictures of the largest size, and a mask. */
const MOST_FORM_BYTES = 51 * MEBIBYTE;
/** Pictures as `data:` URLs are held twice. */
const MOST_JSON_BYTES = 20 * MEBIBYTE;
/** The most that a request may name, see `generation/plan.ts`. */
const MOST_PICTURES = 16;

const refuseFields = (c: AppContext, issues: readonly FieldIssue[]): Response =>
  problem(c, { code: "invalid_fields", detail: describeIssues(issues), issues });

/** Reads an edit, or answers why it cannot: every bad field at once. */
export async function readEdit(c: AppContext): Promise<SentEdit | Response> {
  const type = c.req.header("Content-Type") ?? "";
  const sent = /^multipart\/form-data\b/i.test(type) ? await formEdit(c) : await jsonEdit(c);
  if (sent instanceof Response) return sent;
  const parsed = parse(EditFields, sent.fields);
  const found = [...(parsed.success ? [] : fieldIssues(parsed.error)), ...countIssues(sent.pictures)];
  return parsed.success && found.length === 0
    ? { fields: parsed.data, pictures: sent.pictures, mask: sent.mask }
    : refuseFields(c, found);
}

function countIssues({ length }: readonly SentPicture[]): FieldIssue[] {
  if (length === 0) return [{ path: "image", message: "is required", code: "required" }];
  if (length <= MOST_PICTURES) return [];
  return [{ path: "image", message: `must be at most ${MOST_PICTURES} pictures`, code: "too_big" }];
}

/** The parts of an edit before its fields are checked. */
interface RawEdit extends Omit<SentEdit, "fields"> {
  readonly fields: unknown;
}

async function formEdit(c: AppContext): Promise<RawEdit | Response> {
  const form = await readForm(c, MOST_FORM_BYTES);
  if (form === "too large") {
    return problem(c, {
      code: "body_too_large",
      detail: `The form is larger than ${MOST_FORM_BYTES / MEBIBYTE} MB.`,
    });
  }
  if (form instanceof Response) return form;
  const sent = [...form.getAll("image"), ...form.getAll("image[]")];
  const mask = form.get("mask");
  const { image: _image, "image[]": _images, mask: _mask, ...fields } = fieldsOfForm(form);
  return {
    fields,
    pictures: sent.map((source) => ({ param: "image", source })),
    mask: mask === null ? null : { param: "mask", source: mask },
  };
}

const linkOf = (link: string | { readonly image_url: string }): string =>
  typeof link === "string" ? link : link.image_url;

async function jsonEdit(c: AppContext): Promise<RawEdit | Response> {
  const text = await readText(c, MOST_JSON_BYTES);
  if (text instanceof Response) return text;
  const value = parseJsonText(text);
  if (value === undefined) {
    const detail = "Send a form (multipart/form-data) with the files, or JSON with their URLs.";
    return problem(c, { code: "malformed_json", detail });
  }
  const parsed = parse(EditFields, value);
  if (!parsed.success) return refuseFields(c, fieldIssues(parsed.error));
  const { image, images, mask } = parsed.data;
  const links = [...[image ?? []].flat(), ...(images ?? []).map(linkOf)];
  return {
    fields: value,
    pictures: links.map((source) => ({ param: "image", source })),
    mask: mask === null || mask === undefined ? null : { param: "mask", source: linkOf(mask) },
  };
}
