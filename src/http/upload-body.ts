/** The picture in an upload's body: the body itself, or the field `file` of a form. */
import { MOST_UPLOAD_BYTES } from "../media/inputs.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

/** Room for boundaries, headers of parts and small fields that we do not read. */
const FORM_OVERHEAD = 64 * 1024;

const tooLarge = (c: AppContext) =>
  problem(c, { code: "body_too_large", detail: "The picture is larger than 10 MB." });

const badFile = (c: AppContext, message: string, code: string) =>
  problem(c, {
    code: "invalid_fields",
    detail: `file ${message}`,
    issues: [{ path: "file", message, code }],
  });

/** The bytes of the picture as a stream, or the answer that refuses the body: 400, 413 or 422. */
export async function uploadStream(c: AppContext): Promise<ReadableStream<Uint8Array> | Response> {
  const type = c.req.header("Content-Type") ?? "";
  const isForm = /^multipart\/form-data\b/i.test(type);
  const most = isForm ? MOST_UPLOAD_BYTES + FORM_OVERHEAD : MOST_UPLOAD_BYTES;
  if (Number(c.req.header("Content-Length") ?? 0) > most) return tooLarge(c);
  const body: ReadableStream<Uint8Array> = c.req.raw.body ?? new Blob([]).stream();
  return isForm ? await fileOfForm(c, body, { type, most }) : body;
}

/**
 * A form as the platform reads it, which holds it in memory: so it is counted on its way, and broken off at `most` of
 * a Worker's 128 MB. That is less than a parser of our own would be worth. One that cannot be read is answered 400.
 */
export async function readForm(
  c: AppContext,
  body: ReadableStream<Uint8Array>,
  { type, most }: { readonly type: string; readonly most: number },
): Promise<FormData | "too large" | Response> {
  const counted = countBytes(body, most);
  const form = await new Response(counted.stream, { headers: { "Content-Type": type } })
    .formData()
    .catch(() => null);
  if (counted.isOver()) return "too large";
  return form ?? problem(c, { code: "malformed_form", detail: "The form cannot be read." });
}

async function fileOfForm(
  c: AppContext,
  body: ReadableStream<Uint8Array>,
  { type, most }: { type: string; most: number },
): Promise<ReadableStream<Uint8Array> | Response> {
  const form = await readForm(c, body, { type, most });
  if (form === "too large") return tooLarge(c);
  if (form instanceof Response) return form;
  const [file, ...others] = form.getAll("file");
  const files = [...form.values()].filter((value) => typeof value !== "string");
  if (file === undefined) return badFile(c, "is required", "required");
  if (typeof file === "string") return badFile(c, "must be a file", "invalid_type");
  if (others.length > 0 || files.length > 1) return badFile(c, "must be the only one", "too_big");
  return file.stream();
}

/** Passes a stream on, and breaks it off once it is longer than `most`. */
function countBytes(stream: ReadableStream<Uint8Array>, most: number) {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > most) controller.error(new Error("too large"));
      else controller.enqueue(chunk);
    },
  });
  return { stream: stream.pipeThrough(counter), isOver: () => bytes > most };
}
