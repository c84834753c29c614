/** Sizes of results: small, in whole 8-pixel cells, whatever KIE would draw. */
const LONGEST_SIDE = 256;
const CELL = 8;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of an image of this ratio, "16:9"; anything else ("auto", nothing) is a square. */
export function sizeOfRatio(ratio: string | undefined): Size {
  const [, across = "1", down = "1"] = /^(\d+):(\d+)$/.exec(ratio ?? "") ?? [];
  const longest = Math.max(Number(across), Number(down));
  const side = (part: string) => Math.round((LONGEST_SIDE * Number(part)) / longest / CELL) * CELL;
  return { width: side(across), height: side(down) };
}

/** The size of a named shape: "landscape_16_9" is 16:9, "portrait_4_3" is 3:4, the squares are squares. */
export function sizeOfShape(shape: string | undefined): Size {
  const [, name = "", long = "1", short = "1"] = /^(landscape|portrait)_(\d+)_(\d+)$/.exec(shape ?? "") ?? [];
  return sizeOfRatio(name === "portrait" ? `${short}:${long}` : `${long}:${short}`);
}
