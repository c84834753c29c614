import { encodeJpeg } from "./jpeg.ts";
import { drawMosaic } from "./mosaic.ts";
import { encodeMp4 } from "./mp4.ts";
import { encodePng } from "./png.ts";
import { encodeWebp } from "./webp.ts";

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
  webp: {
    extension: "webp",
    contentType: "image/webp",
    draw: async (seed: string, width: number, height: number) =>
      encodeWebp(await drawMosaic(seed, width, height), width, height),
  },
  mp4: {
    extension: "mp4",
    contentType: "video/mp4",
    draw: (seed: string, _width: number, _height: number) => encodeMp4(seed),
  },
} as const;

export type Format = keyof typeof FORMATS;
