import { describe, expect, it } from "vitest";
import { FORMATS } from "../../src/simulator/images/formats.ts";
import { encodeJpeg } from "../../src/simulator/images/jpeg.ts";
import { encodePng } from "../../src/simulator/images/png.ts";
import { encodeWebp } from "../../src/simulator/images/webp.ts";
import type { Mosaic } from "../../src/simulator/images/mosaic.ts";

/** One red cell. */
const RED: Mosaic = { columns: 1, rows: 1, colours: Uint8Array.of(255, 0, 0) };

describe("an image", () => {
  it.each(["jpeg", "png", "webp", "mp4"] as const)(
    "as %s is the same for the same seed and different for another seed",
    async (format) => {
      const { draw } = FORMATS[format];

      const [fox, again, cat] = await Promise.all([
        draw("fox", 64, 64),
        draw("fox", 64, 64),
        draw("cat", 64, 64),
      ]);

      expect(again).toStrictEqual(fox);
      expect(cat).not.toStrictEqual(fox);
    },
  );

  it("as PNG contains its size and ends with IEND", async () => {
    const bytes = await encodePng(RED, 8, 5);

    expect([...bytes.subarray(0, 8)]).toStrictEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect([...bytes.subarray(16, 24)]).toStrictEqual([0, 0, 0, 8, 0, 0, 0, 5]);
    // The well-known CRC of an empty IEND chunk.
    expect([...bytes.subarray(-12)]).toStrictEqual([
      0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ]);
  });

  it("as WebP contains its size and uses a bit per pixel", () => {
    const bytes = encodeWebp(RED, 8, 5);

    expect(new TextDecoder().decode(bytes.subarray(0, 16))).toMatch(/^RIFF.{4}WEBPVP8L$/s);
    // Signature, then width − 1 and height − 1 in 14 bits each, lowest bit first.
    expect([...bytes.subarray(20, 24)]).toStrictEqual([0x2f, 7, 0, 4 >> 2]);
  });

  it("as MP4 is a video with a last box that players skip", async () => {
    const bytes = await FORMATS.mp4.draw("fox", 0, 0);

    expect(new TextDecoder().decode(bytes.subarray(4, 8))).toBe("ftyp");
    expect(new TextDecoder().decode(bytes.subarray(-68, -64))).toBe("free");
    expect([...bytes.subarray(-72, -68)]).toStrictEqual([0, 0, 0, 72]);
  });

  it("as JPEG contains its size and one code per component of a cell", () => {
    const bytes = [...encodeJpeg(RED, 8, 5)];
    const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);

    expect(bytes.slice(frame + 5, frame + 9)).toStrictEqual([0, 5, 0, 8]);
    // Y −52: 6 bits, 1110 001011; Cb −43: 6 bits, 1110 010100; Cr +127: 7 bits, 11110 1111111; a 0 after each; padded with ones.
    expect(bytes.slice(-7, -2)).toStrictEqual([
      0b11100010, 0b11_0_11100, 0b10100_0_11, 0b11011111, 0b11_0_11111,
    ]);
    expect(bytes.slice(-2)).toStrictEqual([0xff, 0xd9]);
  });
});
