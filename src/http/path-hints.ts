/** Paths of OpenAI's that this service answers, below `/v1`. */
const ANSWERED = /\/((?:chat\/completions|images\/(?:generations|edits)|videos|models)(?:\/.*)?)$/;

/** Paths of OpenAI's that it does not, and what to use instead. */
const INSTEAD: readonly (readonly [path: RegExp, hint: string])[] = [
  [/\/images\/variations$/, "For a variation send the picture and a prompt to POST /v1/images/edits."],
  [/\/(completions|responses)$/, "Use POST /v1/chat/completions."],
  [
    /\/(embeddings|audio|moderations|files|assistants|threads)(\/|$)/,
    "This service makes pictures and films only.",
  ],
];

/** Where a client that asked at a wrong path finds what it wants, as a sentence; null where nobody can tell. */
export function hintFor(path: string): string | null {
  const answered = ANSWERED.exec(path)?.[1];
  if (answered !== undefined && path !== `/v1/${answered}`)
    return `Did you mean /v1/${answered}? A client's base URL ends in /v1.`;
  return INSTEAD.find(([wrong]) => wrong.test(path))?.[1] ?? null;
}
