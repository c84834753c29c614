import { generate, sha256 } from "./expect.ts";
import type { ArtworkBody } from "./expect.ts";
import { createWorld } from "./harness.ts";
import type { World, WorldOptions } from "./harness.ts";

export interface UploadBody {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: string;
}

/** Uploads an image as a raw body; the answer must be 201. */
export async function upload(world: World, bytes: Uint8Array<ArrayBuffer>): Promise<UploadBody> {
  const request = new Request("http://localhost:8787/api/uploads", {
    method: "POST",
    headers: { Authorization: "Bearer root-key" },
    body: bytes,
  });
  const response = await world.send(request);
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
}

/** A world whose provider fetches input images, from Darkroom or from its own storage. */
export function createFetchingWorld(options: WorldOptions = {}): World {
  const fetchInput = (request: Request): Promise<Response> =>
    new URL(request.url).port === "8787" ? world.send(request) : world.simulator.fetch(request);
  const world: World = createWorld({ ...options, simulator: { fetchInput, ...options.simulator } });
  return world;
}

/** Requests an edit of these images. */
export const edit = (
  world: World,
  images: readonly string[],
  more: Record<string, unknown> = {},
): Promise<ArtworkBody> => generate(world, { prompt: "make it night", images, ...more });

/** Downloads the image of the last create call. */
export async function sentImage(world: World): Promise<{ url: string; sha256: string }> {
  const url = String(world.simulator.tasks.at(-1)?.body["inputImage"]);
  const isOurs = new URL(url).port === "8787";
  const response = await (isOurs ? world.send(new Request(url)) : world.simulator.fetch(new Request(url)));
  return { url, sha256: await sha256(new Uint8Array(await response.arrayBuffer())) };
}
