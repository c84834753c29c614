import { concatenate } from "./bytes.ts";
import { CELL } from "./mosaic.ts";
import type { Mosaic } from "./mosaic.ts";

const SIGNATURE = 0x2f;
const OPAQUE = 255;

/**
 * Encodes a mosaic, cropped to width × height, as a lossless WebP in two tones: dark cells and bright ones. Of the five
 * code groups only green has two symbols, so a pixel takes one bit; the others have one symbol and take none.
 */
export function encodeWebp(mosaic: Mosaic, width: number, height: number): Uint8Array<ArrayBuffer> {
  const [red = 0, green = 0, blue = 0] = mosaic.colours;
  const bits = bitWriter();
  bits.write(SIGNATURE, 8);
  bits.write(width - 1, 14);
  bits.write(height - 1, 14);
  bits.write(0, 1); // no alpha
  bits.write(0, 3); // version
  bits.write(0, 3); // no transform, no colour cache, one group of codes for the whole image
  // Of two symbols the smaller one is written as 0.
  writeCodes(bits, [green % 128, 128 + (green % 128)]);
  for (const symbol of [red, blue, OPAQUE, 0]) writeCodes(bits, [symbol]);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) bits.write(isBright(mosaic, x, y) ? 1 : 0, 1);
  return container(bits.finish());
}

/** A "simple" code: one or two symbols, written out with 8 bits each. */
function writeCodes(bits: BitWriter, symbols: readonly number[]): void {
  bits.write(1, 1);
  bits.write(symbols.length - 1, 1);
  bits.write(1, 1);
  for (const symbol of symbols) bits.write(symbol, 8);
}

function isBright(mosaic: Mosaic, x: number, y: number): boolean {
  const cell = (Math.floor(y / CELL) * mosaic.columns + Math.floor(x / CELL)) * 3;
  const [red = 0, green = 0, blue = 0] = mosaic.colours.subarray(cell, cell + 3);
  return red + green + blue > 384;
}

/** RIFF chunks have an even length; their sizes are little-endian. */
function container(data: readonly number[]): Uint8Array<ArrayBuffer> {
  const text = (name: string) => new TextEncoder().encode(name);
  const padded = data.length % 2 === 0 ? data : [...data, 0];
  const chunk = concatenate([text("VP8L"), littleEndian(data.length), padded]);
  return concatenate([text("RIFF"), littleEndian(4 + chunk.length), text("WEBP"), chunk]);
}

const littleEndian = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);

interface BitWriter {
  readonly write: (value: number, length: number) => void;
  readonly finish: () => readonly number[];
}

/** Lowest bit first, as this format has it. */
function bitWriter(): BitWriter {
  const bytes: number[] = [];
  let count = 0;
  const write = (value: number, length: number): void => {
    for (let bit = 0; bit < length; bit += 1) {
      if (count % 8 === 0) bytes.push(0);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | (((value >>> bit) & 1) << (count % 8));
      count += 1;
    }
  };
  return { write, finish: () => bytes };
}
