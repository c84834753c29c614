/** One byte range of a file, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header for a file of `size` bytes (RFC 9110 §14). `null`: send the whole file (no header,
 * another unit, several ranges, or nonsense, all of which a server may ignore). `"unsatisfiable"`: answer 416.
 */
export function parseRange(header: string | null, size: number): ByteRange | "unsatisfiable" | null {
  const suffix = /^bytes=-(\d+)$/.exec(header?.trim() ?? "")?.[1];
  if (suffix !== undefined) return lastBytes(Number(suffix), size);
  const match = /^bytes=(\d+)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return null;
  const start = Number(match[1]);
  const end = match[2] === "" ? Infinity : Number(match[2]);
  if (end < start) return null;
  return start >= size ? "unsatisfiable" : { start, end: Math.min(end, size - 1) };
}

const lastBytes = (length: number, size: number): ByteRange | "unsatisfiable" =>
  length === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size - 1 };

/** Whether an `If-None-Match` or `If-Match` header names this strong ETag (weak forms count as the same). */
export function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === "*") return true;
  const plain = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((tag) => plain(tag) === plain(etag));
}

/** Whether a `Range` still applies: `If-Range` is absent, or names this ETag or this exact date. */
export function rangeApplies(ifRange: string | null, etag: string, lastModified: Date): boolean {
  if (ifRange === null) return true;
  if (ifRange.startsWith('"')) return ifRange === etag;
  return ifRange === lastModified.toUTCString();
}
