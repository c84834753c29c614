import { SAMPLE_VIDEO } from "./sample-video.ts";
import { concatenate, sha256Hex, uint32 } from "./bytes.ts";

/** The sample video with the seed's digest in a box that players skip: equal seeds give equal files, others do not. */
export async function encodeMp4(seed: string): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const digest = encoder.encode(await sha256Hex(concatenate([encoder.encode(seed)])));
  return concatenate([SAMPLE_VIDEO, uint32(8 + digest.length), encoder.encode("free"), digest]);
}
