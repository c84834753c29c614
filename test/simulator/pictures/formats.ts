import { encodeJpeg } from "./jpeg.ts";
import { drawMosaic } from "./mosaic.ts";
import { encodePng } from "./png.ts";

/** Everything a result can be: its file name's end, its type, and how it is made from a seed. */
export const FORMATS = {
  jpeg: {
    extension: "jpg",
    contentType: "image/jpeg",
    draw: async (seed: string, width: number, height: number) =>
      encodeJpeg(await drawMosaic(seed, width, height), width, height),
  },
  png: {
    extension: "png",
    contentType: "image/png",
    draw: async (seed: string, width: number, height: number) =>
      encodePng(await drawMosaic(seed, width, height), width, height),
  },
} as const;

export type Format = keyof typeof FORMATS;
