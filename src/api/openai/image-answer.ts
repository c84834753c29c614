/** OpenAI's answers to image calls. Answers with bytes are written in pieces, so memory never holds a whole image. */
import type { ResultFile, GenerationResult } from "../shared/outcome.ts";

/** Images cost credits of the provider, not tokens. */
const USAGE = {
  input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
  input_tokens_details: { text_tokens: 0, image_tokens: 0 },
};

/** Reads a file of the bucket. */
export type ReadFile = (key: string) => Promise<ReadableStream<Uint8Array>>;

/** A file with its generation. */
export interface ImageFile {
  readonly made: GenerationResult;
  readonly file: ResultFile;
}

export const imagesOf = (all: readonly GenerationResult[]): ImageFile[] =>
  all.flatMap((made) => made.files.map((file) => ({ made, file })));

/** Encodes a stream as base64. Three bytes become four letters, so the rest of a chunk waits for the next chunk. */
export async function* base64Of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = new Uint8Array();
  for await (const chunk of chunks) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length - (bytes.length % 3);
    if (whole > 0) yield bytes.subarray(0, whole).toBase64();
    rest = bytes.slice(whole);
  }
  if (rest.length > 0) yield rest.toBase64();
}

const formatOf = ({ contentType }: ResultFile): string => contentType.split("/")[1] ?? contentType;
const sizeOf = ({ width, height }: ResultFile): string =>
  width === null || height === null ? "auto" : `${width}x${height}`;

/** The rewritten prompt, if any. */
const revised = ({ optimizedPrompt }: GenerationResult) =>
  optimizedPrompt === null ? {} : { revised_prompt: optimizedPrompt };

/** Facts about all images, taken from the first. */
const about = (images: readonly ImageFile[]) =>
  images.slice(0, 1).flatMap(({ file }) => [
    ["output_format", formatOf(file)],
    ["size", sizeOf(file)],
  ]);

/** The answer with links. */
export const urlAnswer = (created: number, images: readonly ImageFile[]): string =>
  JSON.stringify({
    created,
    data: images.map(({ made, file }) => ({ url: file.url, ...revised(made) })),
    ...Object.fromEntries(about(images)),
    usage: USAGE,
  });

/** The answer with bytes. */
export async function* bytesAnswer(
  created: number,
  images: readonly ImageFile[],
  read: ReadFile,
): AsyncGenerator<string> {
  yield `{"created":${created},"data":[`;
  for (const [index, { made, file }] of images.entries()) {
    yield `${index === 0 ? "" : ","}{"b64_json":"`;
    // oxlint-disable-next-line no-await-in-loop -- memory holds a part of one image at a time
    yield* base64Of(await read(file.key));
    yield `"${members(revised(made))}}`;
  }
  yield `]${members({ ...Object.fromEntries(about(images)), usage: USAGE })}}`;
}

/** The members of an object as JSON, to follow other members. */
const members = (object: object): string => {
  const text = JSON.stringify(object).slice(1, -1);
  return text === "" ? "" : `,${text}`;
};

/** The event of a streamed call for one image; there are no partial images. `call` is `image_generation` or `image_edit`. */
export async function* completedEvent(
  call: string,
  created: number,
  { made, file }: ImageFile,
  read: ReadFile,
): AsyncGenerator<string> {
  const type = `${call}.completed`;
  yield `event: ${type}\ndata: {"type":"${type}","b64_json":"`;
  yield* base64Of(await read(file.key));
  const rest = {
    background: "auto",
    created_at: created,
    output_format: formatOf(file),
    quality: "auto",
    size: sizeOf(file),
    usage: USAGE,
    ...revised(made),
  };
  yield `"${members(rest)}}\n\n`;
}
