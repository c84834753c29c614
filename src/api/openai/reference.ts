/** `input_reference`: a file, a link, an upload's id, or an object with a link or an id. Pure. */
import * as z from "zod/mini";
import { isUploadId } from "../../domain/uploads/uploads.ts";
import { bytesOfDataUrl, isDataUrl } from "../../lib/data-url.ts";
import type { FieldIssue } from "../../lib/issues.ts";

interface Reference {
  /** A link or an upload's id; null for none, or for bytes. */
  readonly image: string | null;
  readonly file: Blob | null;
  readonly issues: readonly FieldIssue[];
}

const NONE: Reference = { image: null, file: null, issues: [] };
const refused = (message: string): Reference => ({
  ...NONE,
  issues: [{ path: "input_reference", message, code: "invalid_type" }],
});

const Text = z.string();
const Link = z.strictObject({ image_url: z.string() });
const Upload = z.strictObject({ file_id: z.string() });

export function readReference(value: unknown): Reference {
  if (value === undefined) return NONE;
  if (value instanceof Blob) return { ...NONE, file: value };
  const text = Text.safeParse(value);
  if (text.success) return readText(text.data);
  const link = Link.safeParse(value);
  if (link.success) return readText(link.data.image_url);
  const upload = Upload.safeParse(value);
  if (!upload.success) return refused("must be a file, a URL, an upload's id, {image_url} or {file_id}");
  return isUploadId(upload.data.file_id)
    ? { ...NONE, image: upload.data.file_id }
    : refused("must name an upload of POST /api/uploads in file_id");
}

function readText(text: string): Reference {
  if (!isDataUrl(text)) return { ...NONE, image: text };
  const bytes = bytesOfDataUrl(text);
  return bytes === null ? refused("must be base64 in a data: URL") : { ...NONE, file: new Blob([bytes]) };
}
