import type { Envelope } from "./answers.ts";
import { isLoopback } from "./loopback.ts";
import type { World } from "./world.ts";

/** The input image fields of all families, each one URL or a list. */
const FIELDS = new Set([
  "inputImage",
  "filesUrl",
  "maskUrl",
  "imageUrls",
  "image_url",
  "image_urls",
  "image_input",
  "input_urls",
]);

const UNREACHABLE: Envelope = {
  code: 451,
  msg: "Failed to fetch the image. Kindly verify any access limits set by you or your service provider.",
};

/**
 * Fetches the input images of a create call from this machine, where this simulator was given a way to fetch. Answers
 * the refusal when one cannot be had, else null.
 */
export async function refusalOfInputs(world: World, body: Record<string, unknown>): Promise<Envelope | null> {
  const { fetchInput } = world.options;
  if (fetchInput === undefined) return null;
  const fetched = await Promise.all(
    inputUrls(body)
      .filter(isLoopback)
      .map((url) => isImage(fetchInput, url)),
  );
  return fetched.every(Boolean) ? null : UNREACHABLE;
}

function inputUrls(body: Record<string, unknown>): string[] {
  const { input } = body;
  const places = [body, typeof input === "object" && input !== null ? input : {}];
  return places.flatMap((place) =>
    Object.entries(place)
      .filter(([field]) => FIELDS.has(field))
      .flatMap(([, value]: [string, unknown]) => value)
      .filter((value) => typeof value === "string"),
  );
}

async function isImage(fetchInput: (request: Request) => Promise<Response>, url: string): Promise<boolean> {
  try {
    const response = await fetchInput(new Request(url, { redirect: "manual" }));
    const bytes = await response.arrayBuffer();
    const type = response.headers.get("Content-Type") ?? "";
    return response.status === 200 && bytes.byteLength > 0 && type.startsWith("image/");
  } catch {
    return false;
  }
}
