/** What a chat shows of a generation, as Markdown. Pure. */
import type { Status } from "../../domain/status.ts";
import type { GenerationResult, ResultFile } from "./outcome.ts";

/** Text between brackets, on one line. */
const label = (text: string): string =>
  text
    .replace(/[[\]\\]/g, "")
    .replace(/\s+/g, " ")
    .trim();

/** A picture is shown, a film is linked. */
const shown = (prompt: string, { url, contentType }: ResultFile): string =>
  `${contentType.startsWith("image/") ? "!" : ""}[${label(prompt)}](${url})`;

/** The sizes that the files really have, each once; empty where none is known. */
const sizes = (files: readonly ResultFile[]): string =>
  [
    ...new Set(
      files.flatMap(({ width, height }) => (width === null || height === null ? [] : `${width}×${height}`)),
    ),
  ].join(", ");

/** Words of a caller or a model as what they are: they bring no pictures, links or markup of their own. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>!|~]/g, "\\$&");

/** A field of the answer as a line of its own; nothing where there is no value. */
const line = (name: string, value: string | null): string[] =>
  value === null || value === "" ? [] : [`**${name}:** ${value.replace(/\s+/g, " ").trim()}`];

/** The ratio that was asked for, and the one that the model was asked for in its place; null for none. */
export interface Shape {
  readonly asked: string | null;
  readonly drawn: string | null;
}

/** Why the size is not the one that was asked for. */
function note({ asked, drawn }: Shape): string {
  if (asked === drawn) return "";
  return drawn === null
    ? `this model chooses its own shape, not ${asked}`
    : `${drawn} is the nearest to ${asked} that this model draws`;
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
  // Two spaces at its end keep a line a line.
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
  /** From 0 to 1; null where the upstream tells none. */
  readonly progress: number | null;
}

/** How far a job is, in a few words; null when there is nothing to say. */
export const progressText = ({ status, progress }: Progress): string | null =>
  status === "processing" && progress !== null && progress > 0
    ? `${Math.round(progress * 100)} %`
    : (WORDS[status] ?? null);

/** A line of progress in an answer that is being written, and what ends these lines. */
export const progressLine = (text: string): string => `> ${text} …  \n`;
export const END_OF_PROGRESS = "\n";
