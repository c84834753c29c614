/** Responses with a file of the bucket: whole, in part, or 304. */
import type { AppContext } from "./context.ts";
import { problem } from "./dialect.ts";
import { matchesEtag, parseRange, rangeApplies } from "./ranges.ts";
import type { ByteRange } from "./ranges.ts";

/** A browser shows a file by its content type and runs nothing in it. */
const HEADERS = {
  "Accept-Ranges": "bytes",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
};

/** Serves the file of a key to GET and HEAD: 200, 206, 304 or 416. Null when there is none. */
export async function storedFile(
  c: AppContext,
  key: string,
  more: (object: R2Object) => Readonly<Record<string, string>>,
): Promise<Response | null> {
  const object = await c.env.MEDIA.head(key);
  if (object === null) return null;
  const headers = {
    ...HEADERS,
    ...more(object),
    ETag: object.httpEtag,
    "Last-Modified": object.uploaded.toUTCString(),
    "Content-Type": object.httpMetadata?.contentType ?? "application/octet-stream",
  };
  if (matchesEtag(c.req.header("If-None-Match") ?? null, object.httpEtag)) return c.body(null, 304, headers);
  const range = requestedRange(c, object);
  if (range === "unsatisfiable") {
    const size = { "Content-Range": `bytes */${object.size}` };
    return problem(c, {
      code: "range_not_satisfiable",
      detail: `The file has ${object.size} bytes.`,
      headers: size,
    });
  }
  return await sendBytes(c, { key, size: object.size, range, headers });
}

/** A range applies only to GET, and only to the client's version of the file. */
function requestedRange(c: AppContext, object: R2Object): ReturnType<typeof parseRange> {
  if (c.req.method !== "GET") return null;
  const applies = rangeApplies(c.req.header("If-Range") ?? null, object.httpEtag, object.uploaded);
  return applies ? parseRange(c.req.header("Range") ?? null, object.size) : null;
}

interface Delivery {
  readonly key: string;
  readonly size: number;
  /** Null for the whole file. */
  readonly range: ByteRange | null;
  readonly headers: Readonly<Record<string, string>>;
}

async function sendBytes(c: AppContext, { key, size, range, headers }: Delivery): Promise<Response | null> {
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  const all = {
    ...headers,
    ...(range === null ? {} : { "Content-Range": `bytes ${start}-${end}/${size}` }),
    "Content-Length": String(length),
  };
  const status = range === null ? 200 : 206;
  if (c.req.method === "HEAD") return new Response(null, { status, headers: all });
  const found = await c.env.MEDIA.get(key, range === null ? {} : { range: { offset: start, length } });
  return found === null ? null : new Response(found.body, { status, headers: all });
}
