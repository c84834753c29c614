/** An image as flat 8×8-pixel cells: what a JPEG of DC coefficients can say exactly, and a PNG in a few hundred bytes. */
export interface Mosaic {
  readonly columns: number;
  readonly rows: number;
  /** R, G, B per cell, row by row. */
  readonly colours: Uint8Array;
}

/** Pixels per side of a cell: the block size of JPEG. */
export const CELL = 8;

const DISCS = 4;

/** Draws what a seed says: a sky between two colours with some discs in it. Equal seeds give equal images. */
export async function drawMosaic(seed: string, width: number, height: number): Promise<Mosaic> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(seed)));
  const columns = Math.ceil(width / CELL);
  const rows = Math.ceil(height / CELL);
  const colours = new Uint8Array(columns * rows * 3);
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const x = (cell % columns) / columns;
    const y = Math.floor(cell / columns) / rows;
    colours.set(colourAt(digest, x, y), cell * 3);
  }
  return { columns, rows, colours };
}

/** Bytes 0–5 of the digest are the sky's two colours, then six per disc: x, y, radius, R, G, B. */
function colourAt(digest: Uint8Array, x: number, y: number): Uint8Array {
  for (let disc = 0; disc < DISCS; disc += 1) {
    const [cx = 0, cy = 0, size = 0] = digest.subarray(6 + disc * 6, 9 + disc * 6);
    const radius = 0.05 + size / 1500;
    if (Math.hypot(x - cx / 255, y - cy / 255) < radius) return digest.subarray(9 + disc * 6, 12 + disc * 6);
  }
  const top = digest.subarray(0, 3);
  const bottom = digest.subarray(3, 6);
  return top.map((channel, index) => Math.round(channel * (1 - y) + (bottom[index] ?? 0) * y));
}
