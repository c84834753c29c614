/** OpenAI's answers to image calls, written piece by piece where they hold bytes: no picture is ever in memory whole. */
import type { ResultFile, GenerationResult } from "./outcome.ts";

/** Pictures are paid in the provider's credits; there are no tokens to count. */
const USAGE = {
  input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
  input_tokens_details: { text_tokens: 0, image_tokens: 0 },
};

/** Reads a file of the bucket. */
export type ReadFile = (key: string) => Promise<ReadableStream<Uint8Array>>;

/** A file and the artwork that it is of. */
export interface ImageFile {
  readonly made: GenerationResult;
  readonly file: ResultFile;
}

export const imagesOf = (all: readonly GenerationResult[]): ImageFile[] =>
  all.flatMap((made) => made.files.map((file) => ({ made, file })));

/** Bytes as base64, as they come. Three bytes are four letters: what is left of a chunk waits for the next one. */
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

/** A prompt that was rewritten before it was drawn. */
const revised = ({ optimizedPrompt }: GenerationResult) =>
  optimizedPrompt === null ? {} : { revised_prompt: optimizedPrompt };

/** What an answer says of all its pictures, by the first of them. */
const about = (pictures: readonly ImageFile[]) =>
  pictures.slice(0, 1).flatMap(({ file }) => [
    ["output_format", formatOf(file)],
    ["size", sizeOf(file)],
  ]);

/** The answer with links, whole. */
export const urlAnswer = (created: number, pictures: readonly ImageFile[]): string =>
  JSON.stringify({
    created,
    data: pictures.map(({ made, file }) => ({ url: file.url, ...revised(made) })),
    ...Object.fromEntries(about(pictures)),
    usage: USAGE,
  });

/** The answer with the bytes themselves. */
export async function* bytesAnswer(
  created: number,
  pictures: readonly ImageFile[],
  read: ReadFile,
): AsyncGenerator<string> {
  yield `{"created":${created},"data":[`;
  for (const [index, { made, file }] of pictures.entries()) {
    yield `${index === 0 ? "" : ","}{"b64_json":"`;
    // oxlint-disable-next-line no-await-in-loop -- one picture after the other, as they are read
    yield* base64Of(await read(file.key));
    yield `"${members(revised(made))}}`;
  }
  yield `]${members({ ...Object.fromEntries(about(pictures)), usage: USAGE })}}`;
}

/** The members of an object, to follow others. */
const members = (object: object): string => {
  const text = JSON.stringify(object).slice(1, -1);
  return text === "" ? "" : `,${text}`;
};

/** The one event of a streamed call for each picture: there are no partial ones. `call` is `image_generation` or `image_edit`. */
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
