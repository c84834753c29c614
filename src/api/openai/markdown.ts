/** A generation as Markdown for a chat. Pure. */
import type { Status } from "../../domain/status.ts";
import type { GenerationResult, ResultFile } from "../shared/outcome.ts";

/** Text for a link, on one line. */
const label = (text: string): string =>
  text
    .replace(/[[\]\\]/g, "")
    .replace(/\s+/g, " ")
    .trim();

/** Shows an image, links a video. */
const shown = (prompt: string, { url, contentType }: ResultFile): string =>
  `${contentType.startsWith("image/") ? "!" : ""}[${label(prompt)}](${url})`;

/** The distinct sizes of the files; empty when unknown. */
const sizes = (files: readonly ResultFile[]): string =>
  [
    ...new Set(
      files.flatMap(({ width, height }) => (width === null || height === null ? [] : `${width}×${height}`)),
    ),
  ].join(", ");

/** Escapes text of a caller or a model, so that it adds no images, links or markup. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>!|~]/g, "\\$&");

/** A field of the answer on its own line; nothing without a value. */
const line = (name: string, value: string | null): string[] =>
  value === null || value === "" ? [] : [`**${name}:** ${value.replace(/\s+/g, " ").trim()}`];

/** The requested ratio, and the ratio sent to the model instead; null for none. */
export interface Shape {
  readonly asked: string | null;
  readonly drawn: string | null;
}

/** Explains a size that differs from the request. */
function note({ asked, drawn }: Shape): string {
  if (asked === drawn) return "";
  return drawn === null
    ? `this model chooses its own ratio, not ${asked}`
    : `${drawn} is the nearest ratio to ${asked} that this model supports`;
}

function sizeText(files: readonly ResultFile[], shape: Shape): string {
  const [real, why] = [sizes(files), note(shape)];
  return why === "" ? real : `${real} (${why})`.trim();
}

/** The whole answer: the files, the prompt that was used, the model, the real size. */
export function answerMarkdown(
  { prompt, optimizedPrompt, model, files }: GenerationResult,
  shape: Shape,
): string {
  const facts = [
    ...line("Prompt", plain(prompt)),
    ...line("Optimized prompt", optimizedPrompt === null ? null : plain(optimizedPrompt)),
    ...line("Model", model),
    ...line("Size", sizeText(files, shape)),
  ];
  // Two spaces at the end of a line make a line break.
  return `${files.map((file) => shown(prompt, file)).join("\n\n")}\n\n${facts.join("  \n")}`;
}

const WORDS: Partial<Record<Status, string>> = {
  queued: "Queued",
  submitting: "Started",
  processing: "Started",
  storing: "Storing",
};

export interface Progress {
  readonly status: Status;
  /** From 0 to 1; null when the provider reports none. */
  readonly progress: number | null;
}

/** The progress in a few words; null for a final status. */
export const progressText = ({ status, progress }: Progress): string | null =>
  status === "processing" && progress !== null && progress > 0
    ? `${Math.round(progress * 100)} %`
    : (WORDS[status] ?? null);

/** A line of progress in a streamed answer, and the end of these lines. */
export const progressLine = (text: string): string => `> ${text} …  \n`;
export const END_OF_PROGRESS = "\n";
