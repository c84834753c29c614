/** The generated sections of pages: from `<!-- generated:NAME -->` to `<!-- /generated -->`. */
import { EVENT_TYPES } from "../../domain/events/event-types.ts";
import { FAILURES } from "../../domain/failure.ts";
import { PROBLEMS } from "../../http/problem.ts";
import { DEFAULT_NUMBERS, SCENARIOS } from "../../simulator/scenarios.ts";
import { FAILURE_ADVICE, PROBLEM_ADVICE } from "./advice.ts";
import { fieldList } from "./fields.ts";
import { code, list, table } from "./markdown.ts";
import { otherNames, videoOptions } from "./models.ts";
import { descriptionOf } from "./described.ts";

const keysOf = <Key extends string>(record: Readonly<Partial<Record<Key, unknown>>>): Key[] =>
  Object.keys(record) as Key[];

const errors = (): string =>
  table(
    ["code", "status", "means", "what to do"],
    keysOf(PROBLEMS).map((name) => {
      const { means, advice } = descriptionOf("error", PROBLEM_ADVICE, name);
      return [code(name), String(PROBLEMS[name][0]), means, advice];
    }),
  );

const failures = (): string =>
  list(
    keysOf(FAILURES).map((name) => {
      const { retryable, message } = FAILURES[name];
      return `${code(name)} (${retryable ? "retryable" : "not retryable"}). ${message} What to do: ${descriptionOf("failure", FAILURE_ADVICE, name)}`;
    }),
  );

const events = (): string => list(keysOf(EVENT_TYPES).map((name) => `${code(name)}: ${EVENT_TYPES[name]}`));

const markers = (): string =>
  list(
    keysOf(SCENARIOS).map((name) => {
      const number = DEFAULT_NUMBERS[name];
      const fallback = number === Infinity ? "all" : String(number);
      return `${code(`[sim:${name}]`)}: ${SCENARIOS[name]}${number === undefined ? "" : ` Default number: ${fallback}.`}`;
    }),
  );

const SECTIONS: Readonly<Record<string, () => string>> = {
  fields: fieldList,
  errors,
  failures,
  events,
  markers,
  "other-names": otherNames,
  "video-options": videoOptions,
};

const MARKED = /^<!-- generated:([\w-]+) -->\n[\s\S]*?^<!-- \/generated -->$/gm;

/** The page with its generated sections up to date. Throws when a section has no generator. */
export const fillSections = (text: string): string =>
  text.replaceAll(MARKED, (_, name: string) => {
    const write = SECTIONS[name];
    if (write === undefined) throw new Error(`There is no generated section "${name}".`);
    return `<!-- generated:${name} -->\n\n${write()}\n\n<!-- /generated -->`;
  });

const OPENING = /^<!-- generated:/gm;

/** One line for each section that no page has, and for each marker that opens no section. */
export function sectionProblems(pages: ReadonlyMap<string, string>): string[] {
  const texts = [...pages.values()].join("\n");
  const used = new Set([...texts.matchAll(MARKED)].map(([, name]) => name));
  const unused = Object.keys(SECTIONS).filter((name) => !used.has(name));
  const open = [...pages].filter(
    ([, text]) => [...text.matchAll(OPENING)].length !== [...text.matchAll(MARKED)].length,
  );
  return [
    ...unused.map((name) => `No page has the generated section ${name}.`),
    ...open.map(([path]) => `${path}: a generated section has no end.`),
  ];
}
