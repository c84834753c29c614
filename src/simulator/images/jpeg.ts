import { concatenate, uint16 } from "./bytes.ts";
import type { Mosaic } from "./mosaic.ts";

/** A flat block's DC coefficient is 8 × (value − 128); a quantiser of 8 makes it value − 128, so nothing is lost. */
const QUANTISER = 8;

/** Codes per length 1..16 and their symbols: the standard's luminance DC table, and an AC table that only knows "end of block". */
const DC_LENGTHS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_LENGTHS = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const END_OF_BLOCK = 0;

const COMPONENTS = [1, 2, 3];

/** Encodes a mosaic, cropped to width × height, as a baseline YCbCr JPEG without subsampling, one flat block per cell. */
export function encodeJpeg(mosaic: Mosaic, width: number, height: number): Uint8Array<ArrayBuffer> {
  return concatenate([
    [0xff, 0xd8],
    segment(0xe0, [...new TextEncoder().encode("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...Array.from({ length: 64 }, () => QUANTISER)]),
    segment(0xc0, [8, ...uint16(height), ...uint16(width), 3, ...COMPONENTS.flatMap((id) => [id, 0x11, 0])]),
    segment(0xc4, [0x00, ...DC_LENGTHS, ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...AC_LENGTHS, END_OF_BLOCK]),
    segment(0xda, [3, ...COMPONENTS.flatMap((id) => [id, 0x00]), 0, 63, 0]),
    scan(mosaic),
    [0xff, 0xd9],
  ]);
}

function segment(marker: number, payload: readonly number[]): Uint8Array<ArrayBuffer> {
  return concatenate([[0xff, marker], uint16(payload.length + 2), payload]);
}

function scan(mosaic: Mosaic): number[] {
  const bits = bitWriter();
  const previous = [0, 0, 0];
  for (let cell = 0; cell < mosaic.columns * mosaic.rows; cell += 1) {
    const levels = toLevels(mosaic.colours.subarray(cell * 3, cell * 3 + 3));
    levels.forEach((level, component) => {
      writeDifference(bits, level - (previous[component] ?? 0));
      previous[component] = level;
    });
  }
  return bits.finish();
}

/** RGB to Y, Cb, Cr, each minus 128: −128..127. */
function toLevels([red = 0, green = 0, blue = 0]: Uint8Array): readonly number[] {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  const levels = [y - 128, 0.564 * (blue - y), 0.713 * (red - y)];
  return levels.map((level) => Math.max(-128, Math.min(127, Math.round(level))));
}

/** How many bits the difference takes (Huffman-coded), the difference itself, then "end of block" (one 0 bit). */
function writeDifference(bits: BitWriter, difference: number): void {
  const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  const { code, length } = dcCode(size);
  bits.write(code, length);
  bits.write(difference < 0 ? difference + 2 ** size - 1 : difference, size);
  bits.write(END_OF_BLOCK, 1);
}

/** The code that the canonical construction gives `DC_LENGTHS`: 00, then 010 to 110, then 1110, 11110, … */
function dcCode(size: number): { code: number; length: number } {
  if (size === 0) return { code: 0, length: 2 };
  if (size <= 5) return { code: size + 1, length: 3 };
  return { code: 2 ** (size - 2) - 2, length: size - 2 };
}

interface BitWriter {
  readonly write: (value: number, length: number) => void;
  readonly finish: () => number[];
}

function bitWriter(): BitWriter {
  const bytes: number[] = [];
  let pending = 0;
  let count = 0;
  const write = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      pending = (pending << 1) | ((value >>> bit) & 1);
      count += 1;
      if (count < 8) continue;
      // Inside a scan 0xff would start a marker, so it is followed by 0x00.
      bytes.push(...(pending === 0xff ? [0xff, 0x00] : [pending]));
      pending = 0;
      count = 0;
    }
  };
  const finish = (): number[] => {
    if (count > 0) write(0xff, 8 - count);
    return bytes;
  };
  return { write, finish };
}
