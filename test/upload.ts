import type { World } from "./harness.ts";

export interface UploadBody {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: string;
}

/** Uploads a picture as a raw body; the answer must be 201. */
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
