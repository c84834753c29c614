import type { ArtworkBody, GenerationBody, OutputBody, ProblemBody } from "./answers.ts";
import type { World } from "./harness.ts";

export type { ArtworkBody, GenerationBody, OutputBody, ProblemBody } from "./answers.ts";

/** The timeline of a generation without faults. */
export const GOOD_LIFE = [
  "artwork.queued",
  "artwork.submitting",
  "artwork.processing",
  "artwork.storing",
  "artwork.completed",
];

/** Requests an artwork; the answer must be 202. */
export async function generate(world: World, body: Record<string, unknown>): Promise<ArtworkBody> {
  const response = await world.call("POST", "/api/artworks/generate", { body });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
}

export async function read<Body>(world: World, path: string): Promise<Body> {
  const response = await world.call("GET", path);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
}

export const statusOf = (world: World, artworkId: string): Promise<GenerationBody> =>
  read(world, `/api/artworks/${artworkId}/generation-status`);

/** Types of the artwork's events, in order; fails when the sequence has a gap. */
export async function timelineOf(world: World, artworkId: string): Promise<string[]> {
  const { data } = await read<{ data: { id: number; type: string }[] }>(
    world,
    `/api/artworks/${artworkId}/timeline`,
  );
  if (data.some((event, index) => event.id !== index + 1)) throw new Error("the timeline has a gap");
  return data.map((event) => event.type);
}

/** The bytes at the URL of an output. */
export async function bytesOf(world: World, output: OutputBody): Promise<Uint8Array> {
  const response = await world.call("GET", new URL(output.url).pathname);
  if (response.status !== 200) throw new Error(`${response.status} for ${output.url}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The error of an answer. */
export const readProblem = async (response: Response): Promise<ProblemBody> => await response.json();
