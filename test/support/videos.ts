import { ORIGIN } from "./harness.ts";
import type { World } from "./harness.ts";

export interface VideoBody {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly status: string;
  readonly progress: number;
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly expires_at: number | null;
  readonly seconds: string | null;
  readonly size: string | null;
  readonly prompt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly remixed_from_video_id: string | null;
}

export const CRANE = { prompt: "a paper crane unfolds" };
/** Long enough for a video of the simulator. */
export const LONG = 30_000;

/** Sends a form like OpenAI's client. */
export function postForm(
  world: World,
  fields: Readonly<Record<string, string | Blob>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const init = { method: "POST", headers: { Authorization: "Bearer root-key", ...headers }, body };
  return world.send(new Request(`${ORIGIN}/v1/videos`, init));
}

export const postVideo = (
  world: World,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> => world.call("POST", "/v1/videos", { body, headers });

/** The video of an answer, which must be 200. */
export async function videoOf(response: Response): Promise<VideoBody> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
}

export const createVideo = async (world: World, body: Record<string, unknown>): Promise<VideoBody> =>
  await videoOf(await postVideo(world, body));

export const readVideo = async (world: World, id: string): Promise<VideoBody> =>
  await videoOf(await world.call("GET", `/v1/videos/${id}`));

/** The provider's latest task. */
export const lastInput = ({ simulator }: World): unknown => simulator.tasks.at(-1)?.body["input"];

/** Requests a video and waits for its end. */
export async function completedVideo(
  world: World,
  body: Record<string, unknown> = CRANE,
): Promise<VideoBody> {
  const { id } = await createVideo(world, body);
  await world.pass(LONG);
  return await readVideo(world, id);
}
