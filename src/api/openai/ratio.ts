/** Ratios and sizes in the notation of chat users and OpenAI's clients. Pure. */

/** Ratios that a prompt may end in. */
const SUFFIXES: ReadonlySet<string> = new Set([
  "1:1",
  "1:2",
  "2:1",
  "3:2",
  "2:3",
  "3:4",
  "4:3",
  "16:9",
  "9:16",
]);

/** Longer than any suffix with its separator. Only the end of a long prompt is searched. */
const TAIL_CHARACTERS = 10;
/** An ordinary or full-width colon, after a space or an ordinary or full-width comma. */
const SUFFIX = /[\s,，、;；]\s?(\d{1,2})[:：](\d{1,2})$/;

export interface PromptWithRatio {
  readonly prompt: string;
  /** The ratio at its end, or null. */
  readonly ratio: string | null;
}

/** Cuts a ratio off the end of a prompt: `a cat 16:9`. Other numbers with a colon belong to the prompt. */
export function splitRatio(text: string): PromptWithRatio {
  const whole = text.trim();
  // The added space makes a prompt match that is only a ratio.
  const match = SUFFIX.exec(` ${whole}`.slice(-TAIL_CHARACTERS));
  const ratio = match === null ? "" : `${match[1]}:${match[2]}`;
  if (match === null || !SUFFIXES.has(ratio)) return { prompt: whole, ratio: null };
  const before = whole.slice(0, Math.max(0, whole.length - match[0].length)).trimEnd();
  return { prompt: before.replace(/[,，、;；]$/, ""), ratio };
}

const valueOf = (ratio: string): number => {
  const [width = 0, height = 0] = ratio.split(":").map(Number);
  return width / height;
};

/** The nearest of these ratios; null when there are none. */
export function nearestRatio(wanted: string, ratios: readonly string[]): string | null {
  const distance = (ratio: string) => Math.abs(Math.log(valueOf(ratio) / valueOf(wanted)));
  return ratios.toSorted((one, other) => distance(one) - distance(other))[0] ?? null;
}

/** `1536x1024`, or a ratio. */
const SIZE = /^([1-9]\d{0,4})[x×:]([1-9]\d{0,4})$/;

/** The ratio of OpenAI's `size`; null for `auto`, undefined for an invalid size. */
export function ratioOfSize(size: string): string | null | undefined {
  if (size === "auto" || size === "") return null;
  const match = SIZE.exec(size);
  return match === null ? undefined : `${match[1]}:${match[2]}`;
}
