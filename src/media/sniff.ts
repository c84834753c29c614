import { imageDimensionsFromData } from "image-dimensions";
import type { Kind } from "../models/model.ts";

/** A kind of file that we keep, known by its first bytes and by nothing that a server says about it. */
export interface FileKind {
  readonly kind: Exclude<Kind, "any">;
  readonly extension: string;
  readonly contentType: string;
}

/** What stands at which offset, and of which kind a file is where all of it does. */
type Signature = readonly [marks: Readonly<Record<number, string>>, found: FileKind];

const image = (extension: string, contentType: string): FileKind => ({
  kind: "image",
  extension,
  contentType,
});
const video = (extension: string, contentType: string): FileKind => ({
  kind: "video",
  extension,
  contentType,
});

/** Bytes as Latin-1 text. The order matters: the brands of ISO media files come before plain `ftyp`. */
const SIGNATURES: readonly Signature[] = [
  [{ 0: "\u0089PNG\r\n\u001a\n" }, image("png", "image/png")],
  [{ 0: "\u00ff\u00d8\u00ff" }, image("jpg", "image/jpeg")],
  [{ 0: "RIFF", 8: "WEBP" }, image("webp", "image/webp")],
  [{ 0: "GIF8" }, image("gif", "image/gif")],
  [{ 4: "ftypavif" }, image("avif", "image/avif")],
  [{ 4: "ftypqt" }, video("mov", "video/quicktime")],
  [{ 4: "ftyp" }, video("mp4", "video/mp4")],
  [{ 0: "\u001a\u0045\u00df\u00a3" }, video("webm", "video/webm")],
];

const SIGNATURE_BYTES = 16;

/** The kind of a file by its first bytes, or null when it is none that we keep. */
export function kindOf(head: Uint8Array): FileKind | null {
  const text = String.fromCodePoint(...head.subarray(0, SIGNATURE_BYTES));
  const found = SIGNATURES.find(([marks]) =>
    Object.entries(marks).every(([offset, bytes]) => text.startsWith(bytes, Number(offset))),
  );
  return found?.[1] ?? null;
}

export interface Dimensions {
  readonly width: number | null;
  readonly height: number | null;
}

/** Width and height in pixels of an image, read from its head; nulls for videos and unreadable heads. */
export function dimensionsOf(head: Uint8Array): Dimensions {
  try {
    const found = imageDimensionsFromData(head);
    return { width: found?.width ?? null, height: found?.height ?? null };
  } catch {
    return { width: null, height: null };
  }
}
