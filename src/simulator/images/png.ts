import { concatenate, uint32 } from "./bytes.ts";
import { CELL } from "./mosaic.ts";
import type { Mosaic } from "./mosaic.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** 8 bits per channel, colour type 2 (RGB), deflate, standard filters, not interlaced. */
const DEPTH_AND_KIND = [8, 2, 0, 0, 0];

/** Encodes a mosaic, cropped to width × height, as a truecolour PNG. */
export async function encodePng(
  mosaic: Mosaic,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = await deflate(scanlines(mosaic, width, height));
  return concatenate([
    SIGNATURE,
    chunk("IHDR", concatenate([uint32(width), uint32(height), DEPTH_AND_KIND])),
    chunk("IDAT", pixels),
    chunk("IEND", new Uint8Array()),
  ]);
}

function scanlines(mosaic: Mosaic, width: number, height: number): Uint8Array<ArrayBuffer> {
  const stride = 1 + width * 3;
  const lines = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / CELL) * mosaic.columns;
    for (let x = 0; x < width; x += 1) {
      const cell = (row + Math.floor(x / CELL)) * 3;
      lines.set(mosaic.colours.subarray(cell, cell + 3), y * stride + 1 + x * 3);
    }
  }
  return lines;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

function chunk(kind: string, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const named = concatenate([new TextEncoder().encode(kind), data]);
  return concatenate([uint32(data.length), named, uint32(crc32(named))]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
