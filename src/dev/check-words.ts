/**
 * Fails where code, tests or documents use a private word instead of the field's own: `src/docs/style.md` says which. Words inside
 * identifiers count too, and fixtures of other people's words do not.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Each private word, and the word to use. */
const PRIVATE: Readonly<Record<string, string>> = {
  film: "video",
  films: "videos",
  picture: "image",
  pictures: "images",
  upstream: "provider",
  upstreams: "providers",
  told: "notified, reported, named …",
  tell: "notify, report, say …",
  tells: "notifies, reports, says …",
  kick: "wake",
  kicks: "wakes",
  kicked: "woken",
  hear: "receive",
  hears: "receives",
  heard: "received",
  announce: "publish",
  announces: "publishes",
  announced: "published",
  aftermath: "late results",
  patience: "time limit, retry",
  patient: "retrying",
  patiently: "with retries",
  shelf: "slot storage",
  bell: "emitter",
  twin: "duplicate",
  twins: "duplicates",
  trouble: "failure, problem; transient",
  wish: "request",
  wishes: "requests",
};

/** Where a private word is somebody else's: an error code, a wire, a name that others rely on. */
const OTHERS = [
  /invalid_input_upstream/g,
  /upstream_error/g,
  /"upstream request timeout"/g,
  /takes_no_pictures|needs_picture|invalid_picture/g,
];

/** This list, the page that explains it, and the past, which stays as it was said. */
const EXEMPT = new Set(["src/dev/check-words.ts", "src/docs/style.md"]);

const TEXT = /\.(?:ts|md|toml|json|yml|html|css)$/;

const wordsOf = (line: string): string[] =>
  line
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);

function problemsOf(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line, index) => {
      const own = OTHERS.reduce((text, other) => text.replaceAll(other, ""), line);
      const found = [...new Set(wordsOf(own))].filter((word) => Object.hasOwn(PRIVATE, word));
      return found.map((word) => `${file}:${index + 1}: "${word}" → ${PRIVATE[word]}`);
    });
}

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => TEXT.test(file) && !EXEMPT.has(file) && !file.endsWith("package-lock.json"))
  .filter((file) => !file.startsWith("migrations/meta/") && existsSync(file));
const problems = files.flatMap(problemsOf);
for (const problem of problems) console.error(problem);
console.log(`Words: ${files.length} files, ${problems.length} private words.`);
process.exitCode = problems.length === 0 ? 0 : 1;
