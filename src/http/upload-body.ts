/** The image in the body of an upload: the body itself, or the field `file` of a form. */
import { refuseFields } from "../domain/refusal.ts";
import { MAX_UPLOAD_BYTES } from "../domain/ports/upload-host.ts";
import type { AppContext } from "./context.ts";
import { MOST_DRAINED } from "./drain.ts";
import { problem, refuse } from "./dialect.ts";

/** Room for boundaries, headers of parts and small ignored fields. */
const FORM_OVERHEAD = 64 * 1024;

const tooLarge = (c: AppContext) =>
  problem(c, { code: "body_too_large", detail: "The image is larger than 10 MB." });

const badFile = (c: AppContext, message: string, code: string) =>
  refuse(c, refuseFields([{ path: "file", message, code }]));

export const isForm = (c: AppContext): boolean =>
  /^multipart\/form-data\b/i.test(c.req.header("Content-Type") ?? "");

/** The bytes of the image as a stream, or an error response: 400, 413 or 422. */
export async function uploadStream(c: AppContext): Promise<ReadableStream<Uint8Array> | Response> {
  if (isForm(c)) return await fileOfForm(c, MAX_UPLOAD_BYTES + FORM_OVERHEAD);
  return isLonger(c, MAX_UPLOAD_BYTES) ? tooLarge(c) : bodyOf(c);
}

const isLonger = (c: AppContext, most: number): boolean => Number(c.req.header("Content-Length") ?? 0) > most;

const bodyOf = (c: AppContext): ReadableStream<Uint8Array> => c.req.raw.body ?? new Blob([]).stream();

/**
 * Reads a form of up to `most` bytes; answers 400 when it is malformed. The platform's parser holds the whole form in
 * memory, which the limit makes acceptable.
 */
export async function readForm(c: AppContext, most: number): Promise<FormData | "too large" | Response> {
  if (isLonger(c, most)) return "too large";
  const counted = countBytes(bodyOf(c), most);
  const headers = { "Content-Type": c.req.header("Content-Type") ?? "" };
  const form = await new Response(counted.stream, { headers }).formData().catch(() => null);
  if (counted.isOver()) return "too large";
  return form ?? problem(c, { code: "malformed_form", detail: "The form is malformed." });
}

async function fileOfForm(c: AppContext, most: number): Promise<ReadableStream<Uint8Array> | Response> {
  const form = await readForm(c, most);
  if (form === "too large") return tooLarge(c);
  if (form instanceof Response) return form;
  const [file, ...others] = form.getAll("file");
  const files = [...form.values()].filter((value) => typeof value !== "string");
  if (file === undefined) return badFile(c, "is required", "required");
  if (typeof file === "string") return badFile(c, "must be a file", "invalid_type");
  if (others.length > 0 || files.length > 1) return badFile(c, "must be the only one", "too_big");
  return file.stream();
}

/** Passes `most` bytes of a stream and discards the excess bytes (see `drain`), so that the caller sees the response. */
function countBytes(stream: ReadableStream<Uint8Array>, most: number) {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes <= most) controller.enqueue(chunk);
      else if (bytes > most + MOST_DRAINED) controller.error(new Error("too large"));
    },
  });
  return { stream: stream.pipeThrough(counter), isOver: () => bytes > most };
}
