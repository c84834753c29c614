/** The files that callers may upload: those that the providers' models take. */
import type { Dimensions, FileKind } from "./sniff.ts";
import { dimensionsOf, kindOf } from "./sniff.ts";

const TAKEN = new Set(["image/jpeg", "image/png", "image/webp"]);
const BMP: FileKind = { kind: "image", extension: "bmp", contentType: "image/bmp" };

/** Sizes of the header that follows a BMP's file header: that of OS/2, then Windows' versions. */
const BMP_HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);
const BMP_HEADER_END = 26;

/** The kind of an uploaded image by its first bytes (JPEG, PNG, WebP or BMP), or null. */
export function imageKindOf(head: Uint8Array): FileKind | null {
  if (bmpHeader(head) !== null) return BMP;
  const found = kindOf(head);
  return found !== null && TAKEN.has(found.contentType) ? found : null;
}

/** Width and height in pixels, where they can be read. */
export function imageDimensionsOf(head: Uint8Array): Dimensions {
  const header = bmpHeader(head);
  if (header === null) return dimensionsOf(head);
  const isOld = header.getUint32(14, true) === 12;
  // A negative height means that the rows go from top to bottom.
  return isOld
    ? { width: header.getUint16(18, true), height: header.getUint16(20, true) }
    : { width: header.getInt32(18, true), height: Math.abs(header.getInt32(22, true)) };
}

/** A BMP begins with two letters only, so the header after them has to be one as well. */
function bmpHeader(head: Uint8Array): DataView | null {
  if (head.length < BMP_HEADER_END || !startsWith(head, "BM")) return null;
  const header = new DataView(head.buffer, head.byteOffset, BMP_HEADER_END);
  return BMP_HEADERS.has(header.getUint32(14, true)) ? header : null;
}

const startsWith = (head: Uint8Array, text: string): boolean =>
  Array.from(text).every((character, index) => head[index] === character.codePointAt(0));
