import type { PathHint } from "../../http/dialect.ts";

/** Paths of OpenAI's API that exist here, below `/v1`. */
const SUPPORTED = /\/((?:chat\/completions|images\/(?:generations|edits)|videos|models)(?:\/.*)?)$/;

/** Paths of OpenAI's API that do not exist here, with an alternative. */
const ALTERNATIVES: readonly (readonly [path: RegExp, hint: string])[] = [
  [/\/images\/variations$/, "For a variation, send the image and a prompt to POST /v1/images/edits."],
  [/\/(completions|responses)$/, "Use POST /v1/chat/completions."],
  [
    /\/(embeddings|audio|moderations|files|assistants|threads)(\/|$)/,
    "This service makes only images and videos.",
  ],
];

/** Suggests a path to OpenAI's clients, whatever base URL they use. */
export const hintFor: PathHint = (path) => {
  const supported = SUPPORTED.exec(path)?.[1];
  if (supported !== undefined && path !== `/v1/${supported}`) {
    return `Did you mean /v1/${supported}? The base URL ends in /v1.`;
  }
  return ALTERNATIVES.find(([other]) => other.test(path))?.[1] ?? null;
};
